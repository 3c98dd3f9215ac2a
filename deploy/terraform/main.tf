# What production needs beside the cluster, on AWS: a bucket for the models, PostgreSQL for the registry, and a user that
# MLflow reads and writes the bucket with. The cluster and its network are given.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.66"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = {
      Project     = "cardshop"
      Environment = "production"
    }
  }
}

# One key for everything that lies on a disk. Who may use it is decided by IAM alone.
resource "aws_kms_key" "registry" {
  description             = "Models and runs of cardshop"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}
