# The manifests: the bosh CLI makes of them what the jobs' templates need.

require 'openssl'

RSpec.describe 'the manifest' do
  # Variables are made once: the CLI leaves those that the store has.
  before(:all) do
    @dir = Dir.mktmpdir
    @store = File.join(@dir, 'variables.yml')
    @manager = Manifests.interpolate(Manifests.path('backup-manager'), store: @store)
    @service = Manifests.interpolate(Manifests.path('sample-service'), store: @store)
    @runtime = runtime_config('runtime-config')
    @trusted = runtime_config('jvm-trusted-certs-runtime-config')
    @variables = YAML.safe_load_file(@store)
  end

  after(:all) { FileUtils.remove_entry(@dir) }

  # As with a Director: -v is filled in when the config is uploaded, the other variables later.
  def runtime_config(name)
    file = File.join(@dir, "#{name}.yml")
    File.write(file, YAML.dump(Manifests.interpolate(Manifests.path(name))))
    Manifests.interpolate(file, store: @store, variables: {})
  end

  # The names of the variables that the Director makes. (The CLI takes them out of the manifest when it has made them.)
  def made_by(manifest)
    manifest['variables'].map { |each| each['name'] }
  end

  def certificate(pem)
    OpenSSL::X509::Certificate.new(pem)
  end

  def extension(certificate, name)
    certificate.extensions.find { |each| each.oid == name }&.value
  end

  def signed_by_ca(certificate, purpose)
    store = OpenSSL::X509::Store.new
    store.add_cert(certificate(@variables['/holdfast/ca']['certificate']))
    store.purpose = purpose
    store.verify(certificate)
  end

  def expect_clean(files)
    files.each { |path, text| expect(text).not_to match(%r{\(\([a-z/][\w./-]*\)\)}), path }
    expect(Monit.unknown(files['monit'])).to be_empty
    files.each { |path, text| JSON.parse(text) if path.end_with?('.json') }
  end

  # Each alone, each pair, all of them, and what is used together; that there are several managers needs the two others.
  together = [Manifests::OPS, %w[s3 postgresql-state several-managers], %w[s3 postgresql-state several-managers bpm noble policies]]
  alone = (0..2).flat_map { |count| Manifests::OPS.combination(count).to_a }.map { |ops| ops.include?('several-managers') ? (Manifests::OPS & [*ops, 's3', 'postgresql-state']) : ops }
  (alone + together).uniq.each do |ops|
    it "backup-manager.yml works with #{ops.empty? ? 'no ops files' : ops.join(', ')}" do
      # All is in the store already, as an operator's own certificates would be.
      manifest = Manifests.interpolate(Manifests.path('backup-manager'), ops: ops, store: @store)
      expect(YAML.safe_load_file(@store)).to eq(@variables)
      expect(manifest['stemcells'].first['os']).to eq(ops.include?('noble') ? 'ubuntu-noble' : 'ubuntu-jammy')
      expect(manifest['instance_groups'].first['networks'].size).to eq(ops.include?('ipv6') ? 2 : 1)
      made = made_by(Manifests.interpolate(Manifests.path('backup-manager'), ops: ops))
      expect(made).to include('key_secret')
      expect(made & %w[/holdfast/ca manager_tls smoke_tests_tls]).to have_attributes(size: ops.include?('tls-from-elsewhere') ? 0 : 3)

      expect(Manifests.undeclared(manifest, 'backup-manager')).to be_empty
      variant = Manifests.variant(manifest, 'backup-manager', "manifest-#{['default', *ops].join('-')}")
      expect_clean(variant.files)
      expect(variant.files['monit'].include?('/bpm/')).to be(ops.include?('bpm'))
      expect(variant.files['monit']).to include("totalmem > #{ops.include?('thresholds') ? 1536 : 768} Mb")
      store = JSON.parse(variant.files['config/manager.json'])['store']
      expect(store['kind']).to eq(ops.include?('s3') ? 's3' : 'directory')
      expect(store.key?('ca_file')).to be((%w[s3 s3-own-ca] - ops).empty?)
      database = JSON.parse(variant.files['config/manager.json'])['database']
      expect(database['kind']).to eq(ops.include?('postgresql-state') ? 'postgresql' : nil)
      group = manifest['instance_groups'].first
      expect(group['instances']).to eq(ops.include?('several-managers') ? 2 : 1)
      expect(group['networks'].first['static_ips'].size).to eq(group['instances'])
      expect(manifest['releases'].map { |each| each['name'] }).to eq(ops.include?('bpm') ? %w[holdfast bpm] : %w[holdfast])
      Variants.write(variant, ENV['HOLDFAST_RENDERED']) if ENV['HOLDFAST_RENDERED']

      smoke = Manifests.variant(manifest, 'smoke-tests', 'manifest', 'backup-manager' => Manifests.manager_link(manifest))
      expect_clean(smoke.files)
    end
  end

  it 'ops files go together in any order, but for tls-from-elsewhere.yml after ipv6.yml' do
    *rest, last = Manifests::OPS
    one = Manifests.interpolate(Manifests.path('backup-manager'), ops: [*rest, last], store: @store)
    other = Manifests.interpolate(Manifests.path('backup-manager'), ops: [*rest.reverse, last], store: @store)
    expect(one.merge('instance_groups' => nil)).to eq(other.merge('instance_groups' => nil))
    jobs = ->(manifest) { manifest['instance_groups'].first['jobs'].sort_by { |job| job['name'] } }
    expect(jobs.call(one)).to eq(jobs.call(other))
    expect(one['instance_groups'].first.except('jobs')).to eq(other['instance_groups'].first.except('jobs'))
  end

  it 'ipv6.yml has both addresses in the certificate' do
    made = Manifests.interpolate(Manifests.path('backup-manager'), ops: ['ipv6'])['variables'].find { |each| each['name'] == 'manager_tls' }
    expect(made['options']['alternative_names']).to eq(['10.0.16.4', '2001:db8::4'])
  end

  it 'policies.yml gives the errand what it needs' do
    manifest = Manifests.interpolate(Manifests.path('backup-manager'), ops: ['policies'], store: @store)
    expect(Manifests.undeclared(manifest, 'apply-policies')).to be_empty
    files = Manifests.variant(manifest, 'apply-policies', 'manifest', 'backup-manager' => Manifests.manager_link(manifest)).files
    expect(JSON.parse(files['config/policies.json'])['instances'].first).to include('id' => 'shop-1', 'owner' => 'data-services')
  end

  it 'misses a variable that is not given' do
    variables = Manifests::VARIABLES.reject { |name, _| name == 'manager_address' }
    expect { Manifests.interpolate(Manifests.path('backup-manager'), store: @store, variables: variables) }
      .to raise_error(Manifests::Failed, /manager_address/)
  end

  it 'sample-service.yml links the agent with the manager and the database' do
    %w[backup-agent jvm-trusted-certs].each { |name| expect(Manifests.undeclared(@service, name)).to be_empty }
    consumed = Manifests.job(@service, 'backup-agent')['consumes']
    expect(consumed['backup-manager']).to eq('from' => 'backup-manager', 'deployment' => @manager['name'])
    expect(Manifests.job(@manager, 'backup-manager')['provides']).to eq('backup-manager' => { 'as' => 'backup-manager', 'shared' => true })

    links = { 'backup-manager' => Manifests.manager_link(@manager), 'data-service' => Manifests.database_link(@service) }
    variant = Manifests.variant(@service, 'backup-agent', 'manifest', links)
    expect_clean(variant.files)
    Variants.write(variant, ENV['HOLDFAST_RENDERED']) if ENV['HOLDFAST_RENDERED']
    config = JSON.parse(variant.files['config/agent.json'])
    expect(config['manager']['url']).to eq('https://10.0.16.4:8444')
    expect(config['adapter']).to include('host' => '127.0.0.1', 'port' => 5432, 'password' => @variables['backup_password'])
    expect_clean(Manifests.variant(@service, 'jvm-trusted-certs', 'manifest').files)
  end

  it 'runtime-config.yml adds the same agent to another deployment' do
    addon = @runtime['addons'].first
    expect(addon['include']['deployments']).to eq(['shop'])
    expect(@runtime['releases']).to eq([{ 'name' => 'holdfast', 'version' => '1.2.3' }])
    expect(Manifests.undeclared(@runtime, 'backup-agent')).to be_empty
    links = { 'backup-manager' => Manifests.manager_link(@manager), 'data-service' => Manifests.database_link(@service) }
    files = Manifests.variant(@runtime, 'backup-agent', 'runtime-config', links).files
    expect_clean(files)
    expect(files['bin/post-start']).to include("\nexit 0\n") # B10: a manager that is away ends no deployment
    expect(JSON.parse(files['config/agent.json'])['adapter']).to include('user' => 'vcap')
    expect(files['config/certificate.pem'].strip).to eq(@variables['/holdfast/agents/shop-1']['certificate'].strip)
  end

  it 'B16: runtime-config-for-many.yml has each deployment make a certificate with its own address' do
    config = Manifests.interpolate(Manifests.path('runtime-config-for-many'))
    expect(Manifests.undeclared(config, 'backup-agent')).to be_empty
    variable = config['variables'].first
    job = config['addons'].first['jobs'].first
    # Relative, so that it is each deployment's own, and the Director's words in it.
    expect(variable['name']).not_to start_with('/')
    expect(variable['options']).not_to have_key('alternative_names')
    provided = JOBS['backup-agent'].spec['provides'].find { |each| each['type'] == 'address' }
    expect(job['provides']).to eq(provided['name'] => { 'as' => variable['consumes']['alternative_name']['from'] })
    expect(job['properties']['backup-agent']['tls']['certificate']).to eq("((#{variable['name']}.certificate))")
    expect(YAML.dump(config.except('addons', 'variables'))).not_to match(/\(\(/)
  end

  it 'jvm-trusted-certs-runtime-config.yml names keystores that may be missing' do
    expect(Manifests.undeclared(@trusted, 'jvm-trusted-certs')).to be_empty
    files = Manifests.variant(@trusted, 'jvm-trusted-certs', 'runtime-config').files
    expect_clean(files)
    expect(files['config/keystores.sh'].lines).to all(start_with('keystore false changeit /var/vcap/packages/'))
  end

  it 'runtime configs have absolute names in them, and no latest version' do
    %w[runtime-config jvm-trusted-certs-runtime-config].each do |name|
      config = Manifests.interpolate(Manifests.path(name))
      expect(YAML.dump(config).scan(/\(\((.)/).flatten).to all(eq('/'))
      expect((config['variables'] || []).map { |each| each['name'] }).to all(start_with('/holdfast/'))
      expect(config['releases'].map { |each| each['version'] }).to all(eq('1.2.3'))
    end
  end

  it 'makes certificates that name the manager and the instances' do
    manager = certificate(@variables['manager_tls']['certificate'])
    expect(extension(manager, 'subjectAltName')).to eq('IP Address:10.0.16.4')
    expect(signed_by_ca(manager, OpenSSL::X509::PURPOSE_SSL_SERVER)).to be(true)
    expect(@variables['manager_tls']['ca']).to eq(@variables['/holdfast/ca']['certificate'])

    { 'agent_tls' => 'shop-1', '/holdfast/agents/shop-1' => 'shop-1', 'smoke_tests_tls' => 'smoke-tests' }.each do |name, instance|
      agent = certificate(@variables[name]['certificate'])
      expect(extension(agent, 'subjectAltName')).to eq("DNS:0.#{instance}.agent.holdfast")
      expect(extension(agent, 'extendedKeyUsage')).to eq('TLS Web Client Authentication')
      expect(signed_by_ca(agent, OpenSSL::X509::PURPOSE_SSL_CLIENT)).to be(true)
      expect(signed_by_ca(agent, OpenSSL::X509::PURPOSE_SSL_SERVER)).to be(false)
      expect(agent.check_private_key(OpenSSL::PKey.read(@variables[name]['private_key']))).to be(true)
    end
  end

  it 'makes secrets that are long enough' do
    expect(@variables['key_secret'].size).to eq(64)
    expect(@variables.values_at('admin_password', 'metrics_password').map(&:size)).to all(be >= 12)
  end

  it 'README.md tells of every file and of everything that has to be given' do
    readme = File.read(File.join(Manifests::FOLDER, 'README.md'))
    files = Dir[File.join(Manifests::FOLDER, '**/*.yml')]
    expect(files.map { |file| file.delete_prefix("#{Manifests::FOLDER}/") }).to all(satisfy { |name| readme.include?("`#{name}`") })
    expect(Dir[File.join(Manifests::FOLDER, 'ops/*.yml')].map { |file| File.basename(file, '.yml') }).to match_array(Manifests::OPS)

    made = %w[backup-manager sample-service runtime-config-for-many].flat_map { |name| made_by(Manifests.interpolate(Manifests.path(name))) }
    asked = files.flat_map { |file| File.read(file).scan(/\(\(([a-z0-9_]+)/).flatten }.uniq - made
    expect(asked).to match_array(Manifests::VARIABLES.keys)
    expect(asked).to all(satisfy { |name| readme.include?("`#{name}`") })
  end

  # Without a store the variables stay as they are: so these files hold nothing that differs from run to run.
  describe 'by default gives what is in spec/golden:' do
    before(:all) do
      @default = Manifests.interpolate(Manifests.path('backup-manager'))
      @sample = Manifests.interpolate(Manifests.path('sample-service'))
      @policies = Manifests.interpolate(Manifests.path('backup-manager'), ops: ['policies'])
    end

    JOBS.each_key do |name|
      it name do
        manifest = { 'apply-policies' => @policies, 'backup-agent' => @sample, 'jvm-trusted-certs' => @sample }.fetch(name, @default)
        links = { 'backup-manager' => Manifests.manager_link(@default), 'data-service' => Manifests.database_link(@sample) }
        files = Manifests.variant(manifest, name, 'golden', links).files
        folder = File.join(ROOT, 'spec/golden', name)
        if ENV['UPDATE_GOLDEN']
          FileUtils.rm_rf(folder)
          files.each do |path, text|
            FileUtils.mkdir_p(File.dirname(File.join(folder, path)))
            File.write(File.join(folder, path), text)
          end
        end
        golden = Dir[File.join(folder, '**/*')].select { |file| File.file?(file) }
                                               .to_h { |file| [file.delete_prefix("#{folder}/"), File.read(file)] }
        expect(files).to eq(golden), -> { "differs from spec/golden/#{name}; UPDATE_GOLDEN=1 scripts/spec writes it anew:\n#{difference(golden, files)}" }
      end
    end

    def difference(golden, files)
      (golden.keys | files.keys).reject { |path| golden[path] == files[path] }.map do |path|
        Dir.mktmpdir do |dir|
          { 'golden' => golden, 'now' => files }.each { |name, all| File.write(File.join(dir, name), all[path].to_s) }
          "#{path}\n#{run('diff', '-u', 'golden', 'now', chdir: dir).first}"
        end
      end.join
    end
  end
end
