# The manifests, as the real bosh CLI interpolates them, and the jobs in them, as a Director would render them.

module Manifests
  FOLDER = File.join(ROOT, 'manifests')
  BOSH = `#{File.join(ROOT, 'scripts/lib/find-bosh')}`.strip

  OPS = %w[s3 s3-own-ca bpm thresholds postgresql-state several-managers uaa noble ipv6 policies tls-from-elsewhere].freeze

  # What an operator gives with -v.
  VARIABLES = {
    'manager_address' => '10.0.16.4',
    'az' => 'z1', 'network' => 'default', 'vm_type' => 'small', 'persistent_disk_type' => '50GB',
    'store_endpoint' => 'https://s3.example.com', 'store_region' => 'eu', 'store_bucket' => 'backups',
    'store_access_key_id' => 'id', 'store_secret_access_key' => 'secret-store-key',
    'store_ca' => "-----BEGIN CERTIFICATE-----\nstore\n-----END CERTIFICATE-----\n",
    'state_host' => 'postgres.example.com', 'state_port' => 5432, 'state_database' => 'holdfast', 'state_user' => 'holdfast',
    'state_password' => 'secret-state-password',
    'state_ca' => "-----BEGIN CERTIFICATE-----\nstate\n-----END CERTIFICATE-----\n",
    'manager_instances' => 2, 'manager_static_ips' => %w[10.0.16.4 10.0.16.5],
    'cf_system_domain' => 'cf.example.com', 'uaa_client_secret' => 'secret-client-secret',
    'cf_ca' => "-----BEGIN CERTIFICATE-----\ncf\n-----END CERTIFICATE-----\n",
    'ipv6_network' => 'ipv6', 'manager_ipv6_addresses' => ['2001:db8::4'], 'manager_ipv6_name' => '2001:db8::4',
    'policies' => [{ 'id' => 'shop-1', 'owner' => 'data-services', 'retention' => { 'daily' => 30 } }],
    'manager_memory_mb' => 1024, 'manager_alert_mb' => 1536,
    'instance_id' => 'shop-1', 'deployment' => 'shop', 'team' => 'brokers', 'holdfast_version' => '1.2.3'
  }.freeze

  Failed = Class.new(StandardError)

  # A manifest after `bosh int`. With a store every variable has to be found or made; without one they stay as they are.
  def self.interpolate(file, ops: [], store: nil, variables: VARIABLES)
    Dir.mktmpdir do |dir|
      given = File.join(dir, 'given.yml')
      File.write(given, YAML.dump(variables))
      command = [BOSH, 'int', file, '-l', given, *ops.flat_map { |name| ['-o', File.join(FOLDER, 'ops', "#{name}.yml")] }]
      command += ['--vars-store', store, '--var-errs'] if store
      output, errors, status = Open3.capture3(*command)
      raise Failed, "#{command.join(' ')}\n#{errors}" unless status.success?

      YAML.safe_load(output)
    end
  end

  def self.path(name)
    File.join(FOLDER, "#{name}.yml")
  end

  def self.job(manifest, name)
    groups = manifest['instance_groups'] || manifest['addons']
    groups.flat_map { |group| group['jobs'] }.find { |job| job['name'] == name } or raise KeyError, name
  end

  # Properties of the manifest that no job would ever see: a slip of the pen. Maps that are a property themselves are not
  # looked into.
  def self.undeclared(manifest, name)
    declared = JOBS.fetch(name).declared.keys
    leaves(job(manifest, name)['properties'], declared).reject { |each| declared.include?(each) }
  end

  def self.leaves(value, declared, path = [])
    return [path.join('.')] if !value.is_a?(Hash) || declared.include?(path.join('.'))

    value.flat_map { |key, each| leaves(each, declared, [*path, key]) }
  end

  # The link that the manager of this manifest shares.
  def self.manager_link(manifest)
    JOBS.fetch('backup-manager').provide('backup-manager', job(manifest, 'backup-manager')['properties'],
                                         address: 'q-s0.backup-manager.default.holdfast.bosh')
  end

  # The link that the PostgreSQL of this manifest shares: what its release's spec lists.
  def self.database_link(manifest)
    databases = job(manifest, 'postgres')['properties']['databases'].slice('port', 'databases', 'roles')
    Director::Link.new('q-s0.postgres.default.shop.bosh', 'databases' => { 'port' => 5432, **databases })
  end

  def self.variant(manifest, name, variant, links = {})
    Variants.variant(name, variant, job(manifest, name)['properties'] || {}, links)
  end
end
