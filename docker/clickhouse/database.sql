-- Run once, when the container's volume is new.
CREATE DATABASE IF NOT EXISTS market;
