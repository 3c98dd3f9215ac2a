# PostgreSQL for runs and versions. Only the cluster's nodes reach it.

resource "aws_db_subnet_group" "registry" {
  name_prefix = "cardshop-"
  subnet_ids  = var.subnets
}

resource "aws_security_group" "registry" {
  name_prefix = "cardshop-registry-"
  description = "PostgreSQL of the registry"
  vpc_id      = var.vpc
}

resource "aws_vpc_security_group_ingress_rule" "cluster" {
  security_group_id            = aws_security_group.registry.id
  description                  = "PostgreSQL, from the nodes of the cluster"
  referenced_security_group_id = var.nodes
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

# Every connection is encrypted, or refused.
resource "aws_db_parameter_group" "registry" {
  name_prefix = "cardshop-"
  family      = "postgres18"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_db_instance" "registry" {
  identifier_prefix               = "cardshop-"
  engine                          = "postgres"
  engine_version                  = "18"
  instance_class                  = "db.t4g.small"
  allocated_storage               = 20
  max_allocated_storage           = 100
  db_name                         = "mlflow"
  username                        = "mlflow"
  manage_master_user_password     = true # in Secrets Manager: Terraform's state never holds it
  master_user_secret_kms_key_id   = aws_kms_key.registry.arn
  db_subnet_group_name            = aws_db_subnet_group.registry.name
  vpc_security_group_ids          = [aws_security_group.registry.id]
  parameter_group_name            = aws_db_parameter_group.registry.name
  publicly_accessible             = false
  multi_az                        = true
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.registry.arn
  backup_retention_period         = 14
  copy_tags_to_snapshot           = true
  deletion_protection             = true
  final_snapshot_identifier       = "cardshop-last"
  auto_minor_version_upgrade      = true
  enabled_cloudwatch_logs_exports = ["postgresql"]
}
