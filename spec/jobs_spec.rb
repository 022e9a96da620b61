# Each job in each of its variants: what a VM would get.

# With HOLDFAST_RENDERED the configuration files are written there, for tests in Java that read them.
rendered = ENV['HOLDFAST_RENDERED']

RSpec.describe 'the job' do
  Variants.all.each do |variant|
    describe variant.to_s do
      let(:files) { variant.files }
      let(:scripts) { files.select { |path, _| path.start_with?('bin/') || path.end_with?('.sh') } }

      it 'leaves nothing of ERB behind' do
        files.each { |path, text| expect(text).not_to match(/<%|%>/), path }
      end

      it 'has scripts that bash and shellcheck find no fault with' do
        Dir.mktmpdir do |dir|
          paths = scripts.map do |path, text|
            File.join(dir, path.tr('/', '_')).tap { |file| File.write(file, text) }
          end
          next if paths.empty?

          paths.each { |path| expect(run('bash', '-n', path)).to eq(['', true]) }
          expect(run('shellcheck', '--shell=bash', *paths)).to eq(['', true])
        end
      end

      it 'has scripts that begin with their interpreter and stop at a failure' do
        scripts.select { |path, _| path.start_with?('bin/') }.each do |path, text|
          expect(text).to start_with("#!/bin/bash\n"), path
          expect(text).to match(/^set -eu$/), path
        end
      end

      it 'drains with nothing but a number on standard output' do
        drain = files['bin/drain'] or next
        commands = drain.lines.map(&:strip).grep_v(/\A(#.*|set -eu|\. .*)?\z/)
        expect(commands.last).to match(/\Aecho -?\d+\z/)
        expect(commands[0...-1]).to all(end_with('>&2'))
      end

      it 'keeps secrets out of scripts and out of arguments' do
        secrets = Properties.secrets(variant.properties) + variant.links.values.flat_map { |l| Properties.secrets(l.raw_properties) }
        files.select { |path, _| path.start_with?('bin/') || %w[config/bpm.yml config/java.args monit].include?(path) }.each do |path, text|
          expect(secrets.select { |secret| text.include?(secret) }).to be_empty, path
          expect(text).not_to include('PRIVATE KEY', 'AGE-SECRET-KEY'), path
        end
      end

      it 'has configuration files that can be parsed' do
        files.each do |path, text|
          case File.extname(path)
          when '.json' then expect(JSON.parse(text)).to be_a(Hash), path
          when '.yml' then expect(YAML.safe_load(text)).to be_a(Hash), path
          end
        end
        Variants.write(variant, rendered) if rendered
      end

      it 'has a monit file that the old and the new monit understand, and that alerts on memory' do
        expect(Monit.unknown(files['monit'])).to be_empty
        expect(Monit.without_alert(files['monit'])).to be_empty
        expect(Monit.complaint(files['monit'])).to be_nil
      end
    end
  end

  it 'runs one process: monit, bpm and ctl agree on its names and files' do
    { 'backup-manager' => %w[minimal minimal-bpm], 'backup-agent' => %w[minimal-links minimal-links-bpm] }.each do |name, (plain, bpm)|
      files = variant(name, plain)
      expect(files['monit']).to include("check process #{name}\n", "/var/vcap/sys/run/#{name}/#{name}.pid",
                                        %("/var/vcap/jobs/#{name}/bin/ctl start"))
      expect(files['bin/ctl']).to include("start_java #{name} ")

      files = variant(name, bpm)
      expect(files['monit']).to include("check process #{name}\n", "/var/vcap/sys/run/bpm/#{name}/#{name}.pid",
                                        %("/var/vcap/jobs/bpm/bin/bpm start #{name}"))
      process = YAML.safe_load(files['config/bpm.yml'])['processes'].first
      expect(process).to include('name' => name, 'ephemeral_disk' => true, 'persistent_disk' => true)
      expect(process).not_to have_key('limits') # they would kill it; the alert is monit's
    end
  end

  it 'backup-agent runs on the bootstrap VM only' do
    files = variant('backup-agent', 'minimal-links-follower')
    expect(Monit.statements(files['monit'])).to be_empty
    expect(files['bin/post-start']).not_to include('status')
  end

  it 'backup-agent runs on all VMs of the group if it is told so, each with its own number and its own node' do
    files = variant('backup-agent', 'second-of-several-nodes')
    expect(files['monit']).to include("check process backup-agent\n")
    expect(files['bin/post-start']).to include('status')
    config = JSON.parse(files['config/agent.json'])
    expect(config['manager']['index']).to eq(1)
    expect(config['adapter']).to include('host' => '127.0.0.1', 'port' => 5524)
    expect(JSON.parse(variant('backup-agent', 'minimal-links')['config/agent.json'])['manager']).not_to have_key('index')
  end

  it 'backup-agent takes what is not given from its links' do
    config = JSON.parse(variant('backup-agent', 'minimal-links')['config/agent.json'])
    expect(config['manager']['url']).to eq('https://q-s0.backup-manager.default.holdfast.bosh:8444')
    expect(config['adapter']).to eq('kind' => 'postgresql', 'user' => 'backup', 'port' => 5524,
                                    'host' => 'q-s0.postgres.default.shop.bosh', 'password' => 'secret-role-password')

    config = JSON.parse(variant('backup-agent', 'full-links')['config/agent.json'])
    expect(config['manager']['url']).to eq('https://manager.example.com:8444')
    expect(config['adapter']).to include('host' => 'db.example.com', 'port' => 5433, 'password' => 'secret-database-password')

    config = JSON.parse(variant('backup-agent', 'minimal')['config/agent.json'])
    expect(config['manager']['url']).to eq('https://backup-manager.example.com:9444')
    expect(config['adapter']).to include('host' => '127.0.0.1')
  end

  it 'backup-agent gives a directory no host, though a database be linked' do
    config = JSON.parse(variant('backup-agent', 'directory')['config/agent.json'])
    expect(config['adapter']).to eq('kind' => 'directory', 'path' => '/var/vcap/store/files')
  end

  it 'B8: backup-agent takes from a link only what is of its kind' do
    adapter = ->(kind) { JSON.parse(variant('backup-agent', kind)['config/agent.json'])['adapter'] }
    %w[mariadb mysql].each do |kind|
      expect(adapter.call(kind)).to include('host' => 'q-s0.mysql.default.shop.bosh', 'port' => 3307), kind
      expect(adapter.call(kind)).not_to have_key('password'), kind
    end
    %w[redis rabbitmq opensearch elasticsearch].each do |kind|
      expect(adapter.call(kind)).to include('host' => '127.0.0.1'), kind
      expect(adapter.call(kind)).not_to have_key('port'), kind
    end
    expect(adapter.call('valkey')).to include('host' => '127.0.0.1', 'port' => 6380)
  end

  it 'backup-agent under bpm may write where its status and its journals lie' do
    volumes = lambda do |name|
      YAML.safe_load(variant('backup-agent', name)['config/bpm.yml'])['processes'].first['additional_volumes']
    end
    expect(volumes.call('minimal-links-bpm').map { |each| each['path'] }).to eq(['/var/vcap/sys/run/backup-agent'])
    expect(volumes.call('full-bpm').map { |each| each['path'] })
      .to eq(['/var/vcap/sys/run/backup-agent', '/var/vcap/store/postgres/backup-agent'])
    expect(volumes.call('full-bpm')).to all(include('writable' => true, 'mount_only' => false))
    # It stays the search engine's.
    expect(volumes.call('opensearch')).to include('path' => '/var/vcap/store/snapshots', 'writable' => true, 'mount_only' => true)
  end

  it 'B7: backup-agent under bpm sees what its adapter names, and none of it becomes its own' do
    process = YAML.safe_load(variant('backup-agent', 'hostile-bpm')['config/bpm.yml'])['processes'].first
    expect(process['additional_volumes']).to eq(
      [{ 'path' => '/var/vcap/sys/run/backup-agent', 'mount_only' => false, 'writable' => true },
       { 'path' => "/var/vcap/data/it's $(work)", 'mount_only' => false, 'writable' => true },
       { 'path' => '/var/vcap/sys/run/pxc-mysql', 'mount_only' => true },
       { 'path' => '/var/vcap/data/a: "b" #c', 'mount_only' => true, 'writable' => true }]
    )
    expect(process['unsafe']['unrestricted_volumes']).to eq(
      [{ 'path' => '/var/vcap/jobs/pxc-mysql/config/password' },
       { 'path' => '/opt/mariadb-*/bin', 'allow_executions' => true }]
    )
    command = YAML.safe_load(variant('backup-agent', 'command-bpm')['config/bpm.yml'])['processes'].first
    expect(command['unsafe']['unrestricted_volumes']).to eq(
      [{ 'path' => '/var/vcap/jobs/shop', 'allow_executions' => true }, { 'path' => '/opt/shop', 'allow_executions' => true }]
    )
  end

  it 'B11: brackets IPv6 addresses in URLs, and nowhere else' do
    manager = variant('backup-manager', 'ipv6')
    expect(JSON.parse(manager['config/manager.json'])['agents_url']).to eq('https://[2001:db8::4]:8444')
    expect(manager['bin/holdfast']).to include('https://\\[2001:db8::4\\]:8443')
    agent = JSON.parse(variant('backup-agent', 'ipv6')['config/agent.json'])
    expect(agent['manager']['url']).to eq('https://[2001:db8::4]:8444')
    expect(agent['adapter']['host']).to eq('2001:db8::5')
    expect(JSON.parse(variant('smoke-tests', 'ipv6')['config/agent.json'])['manager']['url']).to eq('https://[2001:db8::4]:8444')
    expect(variant('smoke-tests', 'ipv6')['bin/run']).to include('https://\\[2001:db8::4\\]:8443')
  end

  it 'B13: runs nothing that is in a name, a path or a password' do
    Dir.mktmpdir do |dir|
      canary = File.join(dir, 'canary')
      hostile = "x'\"; touch #{canary} $(touch #{canary}) `touch #{canary}` \\ * }"
      shims = "exec() { :; }; prepare_directories() { printf '%s\\n' \"$3\"; }; own_keystore() { :; }; start_java() { :; }; stop_java() { :; }"
      scripts = {
        'backup-manager' => [{ 'operators' => [{ 'name' => hostile, 'password' => 'secret-admin-password' }] }, %w[bin/holdfast bin/pre-start]],
        'backup-agent' => [{ 'work_directory' => "/#{hostile}" }, %w[bin/ctl bin/pre-start bin/drain]],
        'smoke-tests' => [{ 'operator' => { 'name' => hostile, 'password' => 'secret' }, 'instance_id' => hostile }, %w[bin/run]]
      }
      scripts.each do |job, (properties, paths)|
        base = { 'backup-manager' => Properties::MANAGER, 'backup-agent' => Properties::AGENT, 'smoke-tests' => {} }.fetch(job)
        files = JOBS[job].render({ job => (base[job] || {}).merge(properties) }, links: Variants.links)
        paths.each do |path|
          script = File.join(dir, 'script')
          # The function library is not there: what it has is there as a function.
          File.write(script, files[path].gsub(%r{^\. /var/vcap.*$}, shims).gsub('"${holdfast_cli[@]}"', 'echo'))
          run('timeout', '10', 'bash', script, 'start', chdir: dir)
          expect(File).not_to exist(canary), "#{job}/#{path}"
        end
      end
      agent = JOBS['backup-agent'].render({ 'backup-agent' => Properties::AGENT['backup-agent'].merge('work_directory' => "/#{hostile}") }, links: Variants.links)
      File.write(File.join(dir, 'script'), agent['bin/ctl'].gsub(%r{^\. /var/vcap.*$}, shims))
      expect(run('bash', File.join(dir, 'script'), 'start', chdir: dir)).to eq(["/#{hostile}\n", true])
    end
  end

  it 'B15: tells the JVM of proxies, and of what is reached without one' do
    manager = variant('backup-manager', 'full')['config/java.args'].lines.map(&:chomp)
    expect(manager).to include(
      '-Dhttp.proxyHost=proxy.example.com', '-Dhttp.proxyPort=3128', '-Dhttps.proxyHost=2001:db8::9', '-Dhttps.proxyPort=3128',
      '-Dhttp.nonProxyHosts=localhost|127.*|[::1]|*.internal|store.example.com|*.store.example.com|10.*|192.168.7.*|10.1.2.3'
    )
    agent = variant('backup-agent', 'full')['config/java.args'].lines.map(&:chomp)
    expect(agent).to include('-Dhttps.proxyHost=proxy.example.com', '-Dhttp.nonProxyHosts=localhost|127.*|[::1]|manager.example.com|db.example.com')
    expect(agent.grep(/http\.proxyHost/)).to be_empty
    expect(variant('backup-agent', 'minimal')['config/java.args']).not_to include('roxy')
  end

  it 'S14: no JVM of a job lets other processes of its user in' do
    flag = '-XX:+DisableAttachMechanism'
    expect(variant('backup-manager', 'minimal')['config/java.args'].lines.map(&:chomp)).to include(flag)
    expect(File.readlines(File.join(ROOT, 'src/agent/jvm.options'), chomp: true)).to include(flag)
    started = Dir[File.join(ROOT, 'src/bosh/*.sh'), File.join(ROOT, 'jobs/*/templates/*.erb')].flat_map do |file|
      File.read(file).gsub("\\\n", ' ').lines.grep(%r{bin/java\b}).map { |line| "#{File.basename(file)}: #{line.strip}" }
    end
    # Which of the two files of arguments start_java gets, jobs' ctl says; bpm.yml has them in the next lines.
    with_flag = /#{Regexp.escape(flag)}|@\S*(java\.args|jvm\.options)|"\$java\/bin\/java" "\$@"|executable:/
    expect(started.grep_v(with_flag)).to be_empty
    expect(started.size).to be >= 6
    %w[backup-manager backup-agent].each do |job|
      expect(variant(job, 'minimal')['bin/ctl'].gsub("\\\n", ' ')).to match(/start_java #{job} .*(java\.args|jvm\.options)/)
    end
    expect(YAML.safe_load(variant('backup-agent', 'minimal')['config/bpm.yml'])['processes'][0]['args'].join).to include('jvm.options')
    expect(YAML.safe_load(variant('backup-manager', 'minimal')['config/bpm.yml'])['processes'][0]['args'].join).to include('java.args')
  end

  it 'B15: backup-agent trusts another CA for the store if it is told of one' do
    files = variant('backup-agent', 'full')
    expect(JSON.parse(files['config/agent.json'])['trusted_ca_files']).to eq(['/var/vcap/jobs/backup-agent/config/trusted_ca.pem'])
    expect(files['config/trusted_ca.pem'].strip).to eq(Properties::CA.strip)
    expect(JSON.parse(variant('backup-agent', 'minimal')['config/agent.json'])).not_to have_key('trusted_ca_files')
  end

  it 'B17: apply-policies hands on what is wanted, nulls too' do
    files = variant('apply-policies', 'full')
    expect(JSON.parse(files['config/policies.json'])).to eq('instances' => Properties::POLICIES['apply-policies']['instances'])
    expect(files['config/policies.json']).not_to include('secret')
    expect(files['bin/run']).to match(/ --dry-run$/)
    expect(variant('apply-policies', 'minimal')['bin/run']).not_to include('dry-run')
    wrong = Properties.with(Properties::POLICIES, 'apply-policies.instances', [{ 'id' => 'a', 'ownr' => 'x' }, { 'id' => 'b', 'owner' => 5 }])
    expect(JOBS['apply-policies'].errors(wrong, links: Variants.links)).to eq(
      ['apply-policies.instances: a has an unknown key ownr; apply-policies.instances: owner of b must not be of type Integer']
    )
  end

  it 'B17: BBR backs up a state in SQLite, and is told in words to leave one in PostgreSQL' do
    metadata = lambda do |name|
      Dir.mktmpdir do |dir|
        File.write(File.join(dir, 'metadata'), variant('backup-manager', name)['bin/bbr/metadata'])
        out, errors, status = Open3.capture3('bash', File.join(dir, 'metadata'))
        expect(status).to be_success
        [YAML.safe_load(out), errors]
      end
    end
    expect(metadata.call('minimal')).to eq([{}, ''])
    expect(metadata.call('full')).to match([{ 'skip_bbr_scripts' => true }, /is in PostgreSQL/])
  end

  it 'B9: a manager is healthy for BOSH DNS when it is ready, and the alert waits some cycles' do
    expect(variant('backup-manager', 'minimal')['bin/dns/healthy']).to include('https://127.0.0.1:8443/readyz')
    expect(variant('backup-manager', 'minimal')['monit']).to include('if totalmem > 768 Mb for 6 cycles then alert')
    expect(variant('backup-agent', 'minimal')['monit']).to include('if totalmem > 384 Mb for 6 cycles then alert')
  end

  it 'B3: errands work on the bootstrap VM only, and the others say so' do
    follower = Director::SPEC.dup.tap { |spec| spec.bootstrap = false }
    { 'smoke-tests' => Properties::SMOKE_TESTS, 'rebuild-catalogue' => {}, 'apply-policies' => Properties::POLICIES }.each do |job, properties|
      script = JOBS[job].render(properties, links: Variants.links, spec: follower)['bin/run']
      Dir.mktmpdir do |dir|
        File.write(File.join(dir, 'run'), script)
        expect(run('bash', File.join(dir, 'run'))).to eq(["nothing to do here: the bootstrap VM of the instance group does it\n", true]), job
      end
    end
  end

  it 'jvm-trusted-certs quotes what has blanks and signs in it' do
    Dir.mktmpdir do |dir|
      file = File.join(dir, 'keystores.sh')
      File.write(file, variant('jvm-trusted-certs', 'full')['config/keystores.sh'])
      output, = run('bash', '-c', %(keystore() { printf '%s\\n' "$@"; echo --; }; . #{file}))
      expect(output.split("--\n").map { |each| each.split("\n") }).to eq(
        [%w[false changeit /var/vcap/packages/openjdk-21/lib/security/cacerts],
         ['true', 'secret $(keystore) password', '/var/vcap/data/open search/cacerts',
          '--base', "/var/vcap/packages/it's/cacerts", '--type', 'PKCS12']]
      )
    end
  end

  def variant(job, name)
    Variants.all.find { |each| each.job == job && each.name == name }.files
  end
end

RSpec.describe 'the scripts that jobs share' do
  it 'are found faultless by shellcheck' do
    expect(run('shellcheck', *Dir[File.join(ROOT, 'src/bosh/*.sh')])).to eq(['', true])
  end
end
