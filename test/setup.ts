// Runs before every test file: the AWS SDK can never reach a real account. What is logged is logged, down to
// DEBUG: test/log-guard.ts reads it. (The time zone is test/global-setup.ts's: here it would be too late.)
process.env['AWS_REGION'] ??= 'us-east-1';
process.env['AWS_ACCESS_KEY_ID'] = 'test';
process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
process.env['POWERTOOLS_LOG_LEVEL'] ??= 'DEBUG';
process.env['POWERTOOLS_METRICS_NAMESPACE'] ??= 'test';
