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

  it 'backup-agent takes the address and the password of any server from its links' do
    config = JSON.parse(variant('backup-agent', 'mariadb')['config/agent.json'])
    expect(config['adapter']).to include('host' => 'q-s0.postgres.default.shop.bosh', 'password' => 'secret-role-password')
  end

  it 'backup-agent under bpm may write where its status and its journals lie' do
    volumes = lambda do |name|
      YAML.safe_load(variant('backup-agent', name)['config/bpm.yml'])['processes'].first['additional_volumes']
    end
    expect(volumes.call('minimal-links-bpm').map { |each| each['path'] }).to eq(['/var/vcap/sys/run/backup-agent'])
    expect(volumes.call('full-bpm').map { |each| each['path'] })
      .to eq(['/var/vcap/sys/run/backup-agent', '/var/vcap/store/postgres/backup-agent'])
    expect(volumes.call('full-bpm')).to all(include('writable' => true))
    expect(volumes.call('opensearch')).to include('path' => '/var/vcap/store/snapshots', 'writable' => true)
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
