variable "region" {
  description = "AWS region, that of the cluster"
  type        = string
}

variable "vpc" {
  description = "Id of the cluster's VPC"
  type        = string
}

variable "subnets" {
  description = "Ids of private subnets, in at least two zones"
  type        = list(string)
  validation {
    condition     = length(var.subnets) >= 2
    error_message = "A database in two zones needs a subnet in each."
  }
}

variable "nodes" {
  description = "Id of the security group of the cluster's nodes"
  type        = string
}
