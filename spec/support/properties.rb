# Properties of each job, as a manifest would give them. Secrets are recognisable: they begin with 'secret'.

module Properties
  def self.pem(kind, text)
    "-----BEGIN #{kind}-----\n#{text}\n-----END #{kind}-----\n"
  end

  CERTIFICATE = pem('CERTIFICATE', 'certificate')
  CA = pem('CERTIFICATE', 'ca')
  PRIVATE_KEY = pem('RSA PRIVATE KEY', 'secret0private0key')
  SIGNING_KEY = pem('PRIVATE KEY', 'secret0signing0key')
  TLS = { 'certificate' => CERTIFICATE, 'private_key' => PRIVATE_KEY }.freeze

  MANAGER = {
    'backup-manager' => {
      'tls' => { **TLS, 'ca' => CA, 'agents_ca' => CA },
      'operators' => [{ 'name' => 'admin', 'password' => 'secret-admin-password' }],
      'keys' => { 'secret' => 'secret-key-secret-secret-key-secret-secret-key' }
    }
  }.freeze

  MANAGER_FULL = {
    'backup-manager' => {
      'port' => 443,
      'agents_port' => 9444,
      'external_host' => 'backup-manager.example.com',
      'memory_mb' => 1024,
      'thresholds' => { 'alert_if_above_mb' => 1536 },
      'tls' => { **TLS, 'ca' => CA, 'agents_ca' => "#{CA}#{CA}", 'agent_names' => ['q-s0.*.*.service-instance-{instance}.bosh'] },
      'operators' => [
        { 'name' => 'admin', 'password' => 'secret-admin-password' },
        { 'name' => 'second', 'password' => 'secret-second-password' }
      ],
      'brokers' => [{ 'name' => 'broker', 'password' => 'secret-broker-password', 'id_prefix' => 'ds-' }],
      'login' => {
        'url' => 'https://backup-manager.example.com:8443', 'idle_minutes' => 10, 'max_hours' => 8,
        'openid' => {
          'issuer' => 'https://uaa.example.com/oauth/token', 'client_id' => 'holdfast',
          'client_secret' => 'secret-client-secret', 'scopes' => %w[openid holdfast.admin],
          'operator_group' => 'holdfast.admin', 'audience' => 'cloud_controller'
        },
        'openid_ca' => CA
      },
      'cloud_controller' => { 'url' => 'https://api.example.com', 'ca' => CA },
      'metrics' => { 'password' => 'secret-metrics-password' },
      'keys' => {
        'master_identity' => 'AGE-SECRET-KEY-1secret0master',
        'signing_key' => SIGNING_KEY,
        'trusted_signing_keys' => [pem('PUBLIC KEY', 'one'), pem('PUBLIC KEY', 'two')],
        'recovery_recipients' => ['age1recovery']
      },
      'store' => {
        'kind' => 's3', 'endpoint' => 'https://s3.example.com', 'region' => 'eu', 'bucket' => 'backups',
        'prefix' => 'holdfast', 'access_key_id' => 'id', 'secret_access_key' => 'secret-store-key',
        'path_style' => false, 'storage_class' => 'STANDARD_IA'
      },
      'store_ca' => CA,
      'database' => {
        'kind' => 'postgresql', 'host' => 'postgres.example.com', 'port' => 5433, 'name' => 'holdfast', 'user' => 'holdfast',
        'password' => 'secret-state-password', 'tls' => true
      },
      'database_ca' => CA,
      'jobs' => { 'lease_seconds' => 60, 'max_attempts' => 3, 'rollback_hours' => 48 },
      'verification' => { 'enabled' => false },
      'reuse' => { 'fresh_after_days' => 30 },
      'garbage_collection' => { 'every_seconds' => 600 },
      'reconcile' => { 'every_seconds' => 43_200 },
      'http_proxy' => 'http://proxy.example.com:3128',
      'https_proxy' => 'http://[2001:db8::9]:3128',
      'no_proxy' => ['.internal', 'store.example.com', '10.0.0.0/8', '192.168.7.0/24', '10.1.2.3'],
      'trusted_certs' => { 'on_broken' => 'fail' },
      'post_start' => { 'timeout_seconds' => 300 }
    }
  }.freeze

  AGENT = {
    'backup-agent' => {
      'tls' => TLS,
      'adapter' => { 'kind' => 'postgresql', 'user' => 'backup' }
    }
  }.freeze

  AGENT_FULL = {
    'backup-agent' => {
      'manager' => { 'url' => 'https://manager.example.com:8444', 'ca' => CA },
      'tls' => TLS,
      'adapter' => {
        'kind' => 'postgresql', 'host' => 'db.example.com', 'port' => 5433, 'user' => 'backup',
        'password' => 'secret-database-password', 'maintenance_database' => 'template1',
        'tool_directories' => ['/var/vcap/packages/postgres-*/bin'], 'refuse_unsafe_tools' => true,
        'idle_timeout_seconds' => 600, 'tool_timeout_seconds' => 7200
      },
      'backup_from' => 'primary',
      'max_replica_lag_seconds' => 10,
      'work_directory' => '/var/vcap/store/postgres/backup-agent',
      'compression_level' => 3,
      'workers' => 1,
      'uploads_in_flight' => 2,
      'store_patience_seconds' => 1800,
      'memory_mb' => 192,
      'thresholds' => { 'alert_if_above_mb' => 768 },
      'stop_within_seconds' => 300,
      'trusted_ca' => CA,
      'https_proxy' => 'http://proxy.example.com:3128/',
      'trusted_certs' => { 'on_broken' => 'fail' },
      'post_start' => { 'timeout_seconds' => 300, 'required' => false }
    }
  }.freeze

  # Odd, and right: signs that shells, YAML and monit would take for their own.
  AGENT_HOSTILE = {
    'backup-agent' => {
      'tls' => TLS, 'bpm' => { 'enabled' => true, 'volumes' => [{ 'path' => '/var/vcap/data/a: "b" #c', 'writable' => true }] },
      'work_directory' => "/var/vcap/data/it's $(work)",
      'adapter' => {
        'kind' => 'mariadb', 'user' => 'back"up', 'host' => '/var/vcap/sys/run/pxc-mysql/mysqld.sock',
        'password_file' => '/var/vcap/jobs/pxc-mysql/config/password', 'tool_directories' => ['/opt/mariadb-*/bin', '/var/vcap/packages/mariadb/bin']
      }
    }
  }.freeze

  AGENT_COMMAND_BPM = {
    'backup-agent' => {
      'tls' => TLS, 'bpm' => { 'enabled' => true },
      'adapter' => {
        'kind' => 'command', 'dump_command' => ['/var/vcap/jobs/shop/bin/dump', '--all'], 'minimum_bytes' => 1,
        'restore_command' => ['/opt/shop/restore'], 'check_command' => ['/usr/bin/true']
      }
    }
  }.freeze

  AGENT_DIRECTORY = {
    'backup-agent' => {
      'tls' => TLS,
      'adapter' => { 'kind' => 'directory', 'path' => '/var/vcap/store/files' },
      'run_as' => 'root'
    }
  }.freeze

  # The other kinds of data services, each with what it needs to be told.
  AGENT_ADAPTERS = [
    { 'kind' => 'mariadb', 'user' => 'backup', 'schemas' => ['shop'], 'tool_directories' => ['/var/vcap/packages/mariadb*/bin'] },
    { 'kind' => 'mysql', 'user' => 'backup', 'schemas' => ['shop'], 'tool_directories' => ['/var/vcap/packages/mysql*/bin'] },
    { 'kind' => 'redis', 'user' => 'backup', 'password' => 'secret-redis-password', 'scratch_address' => '127.0.0.1' },
    { 'kind' => 'valkey', 'port' => 6380 },
    { 'kind' => 'rabbitmq', 'user' => 'backup', 'password' => 'secret-broker-password', 'vhosts' => ['shop'] },
    { 'kind' => 'opensearch', 'user' => 'backup', 'password' => 'secret-search-password', 'repository_path' => '/var/vcap/store/snapshots' },
    { 'kind' => 'elasticsearch', 'engine_repository' => { 'type' => 's3', 'settings' => { 'bucket' => 'snapshots', 'base_path' => 'shop-1' } } },
    { 'kind' => 'command', 'dump_command' => ['/bin/cat', '/etc/hostname'], 'minimum_bytes' => 1, 'restore_command' => ['/bin/true'] },
    { 'kind' => 'bbr', 'jobs' => ['database'] }
  ].freeze

  def self.agent(adapter)
    { 'backup-agent' => { 'tls' => TLS, 'adapter' => adapter } }
  end

  KEYSTORES = {
    'jvm-trusted-certs' => {
      'keystores' => [
        { 'path' => '/var/vcap/packages/openjdk-21/lib/security/cacerts' },
        { 'path' => '/var/vcap/data/open search/cacerts', 'base' => "/var/vcap/packages/it's/cacerts",
          'type' => 'PKCS12', 'password' => 'secret $(keystore) password', 'required' => true }
      ],
      'on_broken' => 'fail'
    }
  }.freeze

  SMOKE_TESTS = {
    'smoke-tests' => { 'operator' => { 'password' => 'secret-admin-password' }, 'tls' => TLS }
  }.freeze

  SMOKE_TESTS_INSTANCE = {
    'smoke-tests' => {
      'operator' => { 'name' => 'tester', 'password' => 'secret-tester-password' },
      'instance_id' => 'shop-1', 'timeout_seconds' => 3600
    }
  }.freeze

  POLICIES = {
    'apply-policies' => {
      'operator' => { 'name' => 'admin', 'password' => 'secret-admin-password' },
      'instances' => [
        { 'id' => 'shop-1', 'service' => 'postgresql', 'owner' => 'data-services', 'exclude_from_auto_backup' => false,
          'schedule' => { 'cron' => '0 3 * * *', 'time_zone' => 'Europe/Berlin' }, 'retention' => { 'daily' => 30 } },
        { 'id' => 'shop-2', 'schedule' => nil, 'retention' => nil }
      ],
      'dry_run' => true
    }
  }.freeze

  # Both with one value inside replaced.
  def self.with(properties, name, value)
    copy = Marshal.load(Marshal.dump(properties))
    Director::Lookup.set(copy, name, value)
    copy
  end

  # Every text in the properties that nobody else may see.
  def self.secrets(value)
    case value
    when Hash then value.values.flat_map { |each| secrets(each) }
    when Array then value.flat_map { |each| secrets(each) }
    when String then value.lines.map(&:strip).grep(/secret/)
    else []
    end
  end
end
