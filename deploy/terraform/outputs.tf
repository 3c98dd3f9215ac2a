output "artifacts" {
  description = "MLFLOW_ARTIFACTS_DESTINATION of the secret `registry`"
  value       = "s3://${aws_s3_bucket.models.bucket}"
}

output "database" {
  description = "Host and port of PostgreSQL; user and database are called mlflow"
  value       = aws_db_instance.registry.endpoint
}

output "password" {
  description = "The secret in Secrets Manager that holds the database's password"
  value       = aws_db_instance.registry.master_user_secret[0].secret_arn
}

output "user" {
  description = "The user to make an access key for"
  value       = aws_iam_user.mlflow.name
}
