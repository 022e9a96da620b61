# What is wrong in a manifest ends the deployment before it has begun, and says what it is.

RSpec.describe 'a mistake in the manifest' do
  def render(name, properties, links = {})
    JOBS.fetch(name).render(properties, links: links)
  end

  def manager(name, value)
    render('backup-manager', Properties.with(Properties::MANAGER, "backup-manager.#{name}", value))
  end

  def agent(name, value, links = { 'backup-manager' => Variants.manager_link })
    render('backup-agent', Properties.with(Properties::AGENT, "backup-agent.#{name}", value), links)
  end

  it 'names a property that is missing' do
    expect { manager('tls.certificate', nil) }.to raise_error(/'backup-manager\.tls\.certificate'/)
    expect { agent('adapter', nil) }.to raise_error(/'backup-agent\.adapter'/)
  end

  it 'says that the manager is not known' do
    expect { render('backup-agent', Properties::AGENT) }.to raise_error(/set backup-agent\.manager\.\w+, or .* link backup-manager/)
    expect { render('smoke-tests', Properties::SMOKE_TESTS) }.to raise_error(/'backup-manager'/)
  end

  it 'says how much memory is needed at least' do
    expect { manager('memory_mb', 359) }.to raise_error('backup-manager.memory_mb must be a whole number from 360 to 1048576, and is 359')
    expect { agent('memory_mb', 127) }.to raise_error('backup-agent.memory_mb must be a whole number from 128 to 1048576, and is 127')
    eight = Properties.with(Properties::AGENT, 'backup-agent.uploads_in_flight', 8)
    links = { 'backup-manager' => Variants.manager_link }
    expect { render('backup-agent', eight, links) }.to raise_error(/must be a whole number from 137 .* and is 128/)
    six = Properties.with(eight, 'backup-agent.workers', 6)
    expect { render('backup-agent', six, links) }.to raise_error(/must be a whole number from 149 .* and is 128/)
  end

  it 'refuses the beginning of an id that can be none' do
    ['-x', '', 'a b', 'x' * 129, 5].each do |prefix|
      brokers = [{ 'name' => 'broker', 'password' => 'secret-broker-password', 'id_prefix' => prefix }]
      expect { manager('brokers', brokers) }.to raise_error("backup-manager.brokers: id_prefix must be the beginning of an instance's id")
    end
  end

  it 'warns of a threshold that usual work exceeds' do
    expect(manager('thresholds.alert_if_above_mb', 512)['bin/pre-start']).to include("the alert's threshold is not above memory_mb")
    expect(agent('thresholds.alert_if_above_mb', 128)['bin/pre-start']).to include("the alert's threshold is not above memory_mb")
    expect(manager('memory_mb', 512)['bin/pre-start']).not_to include('threshold')
  end

  # Every job, property and value that WrongValues has: refused by name, in words of ours, and all at once. Ruby's own words
  # (undefined method, no implicit conversion) would tell nobody what to do.
  WrongValues.each do |job, name, value, properties|
    it "#{name} cannot be #{value.inspect[0, 60]}" do
      errors = JOBS.fetch(job).errors(properties, links: Variants.links)
      expect(errors.size).to eq(1), errors.inspect
      expect(errors.first).to match(/\A#{Regexp.escape(name)}\b.* must /).or match(/\A#{Regexp.escape(name)}: /)
      expect(errors.first.delete_prefix(name)).not_to include('secret')
    end
  end

  # For tests in Java, which have a validator: what properties_schema.json has to take and to refuse.
  if ENV['HOLDFAST_RENDERED']
    cases = JOBS.keys.to_h do |job|
      good = Variants.all.select { |each| each.job == job }.map { |each| JOBS[job].effective(each.properties) }
      bad = WrongValues.enum_for(:each).select { |each, *| each == job }.map { |_, name, _, all| { 'name' => name, 'properties' => JOBS[job].effective(all) } }
      [job, { 'good' => good, 'bad' => bad }]
    end
    File.write(File.join(ENV['HOLDFAST_RENDERED'], 'properties.json'), JSON.generate(cases))
  end

  it 'is told with all others at once' do
    properties = Properties.with(Properties.with(Properties::MANAGER, 'backup-manager.port', 'x'), 'backup-manager.login', 'idle_minutes' => 0)
    expect(JOBS['backup-manager'].errors(properties)).to eq(
      ['backup-manager.port must be a whole number from 1 to 65535, and is "x"; ' \
       'backup-manager.login.idle_minutes must be a whole number from 1 to 1000000, and is 0']
    )
  end

  it 'B7: says what cannot work under bpm, and why' do
    bpm = lambda do |adapter, more = {}|
      properties = Properties.agent(adapter)
      properties['backup-agent'].merge!({ 'bpm' => { 'enabled' => true } }, more)
      JOBS['backup-agent'].errors(properties, links: Variants.links).join
    end
    expect(bpm.call({ 'kind' => 'postgresql', 'user' => 'backup' }, 'run_as' => 'root'))
      .to eq('backup-agent.run_as must be vcap under bpm, and is "root"')
    expect(bpm.call('kind' => 'directory', 'path' => '/var/vcap/store/files')).to match(/adapter\.kind must be one that bpm lets work.*bpm\.enabled to false/)
    expect(bpm.call('kind' => 'bbr')).to match(/adapter\.kind must be one that bpm lets work/)
    expect(bpm.call({ 'kind' => 'redis' }, 'work_directory' => '/srv/journals')).to match(/work_directory must be below .* under bpm/)
    expect(bpm.call('kind' => 'postgresql', 'user' => 'backup', 'host' => '/tmp')).to match(/adapter\.host must be another one under bpm/)
  end

  it 'B12: refuses several managers that would not share what they know' do
    follower = Director::SPEC.dup.tap { |spec| spec.bootstrap = false }
    errors = ->(properties) { JOBS['backup-manager'].errors(properties, spec: follower) }
    expect(errors.call(Properties::MANAGER)).to match([/several managers need one database: .*postgresql-state\.yml.*several managers need one store: .*s3\.yml/])
    expect(errors.call(Properties::MANAGER_FULL)).to be_empty
    expect(JOBS['backup-manager'].errors(Properties::MANAGER)).to be_empty
  end

  it 'names an unknown or a missing key of a keystore' do
    keystores = ->(entry) { render('jvm-trusted-certs', { 'jvm-trusted-certs' => { 'keystores' => [entry] } }) }
    expect { keystores.call('path' => '/x', 'pasword' => 'y') }
      .to raise_error('jvm-trusted-certs.keystores: unknown key pasword')
    expect { keystores.call('type' => 'JKS') }.to raise_error('jvm-trusted-certs.keystores: an entry has no path')
  end
end

RSpec.describe Monit do
  good = <<~MONIT
    check process it
      with pidfile /var/vcap/sys/run/it/it.pid
      start program "/bin/true" with timeout 60 seconds
      group vcap
      if totalmem > 512 Mb then alert
  MONIT

  it 'is content with what is right' do
    expect(Monit.unknown(good)).to be_empty
    expect(Monit.without_alert(good)).to be_empty
  end

  ['if totalmem > 512Mb then alert', 'if totalmem > 512 M then alert', 'if totalmem > 512 MiB then alert',
   'if totalmem > 512 then alert', 'if total memory > 512 MB then alert', 'restart program "/bin/true"', 'onreboot start',
   'if uptime > 3 days then alert', 'if failed port 8443 protocol https then alert'].each do |line|
    it "refuses: #{line}" do
      expect(Monit.unknown("#{good}  #{line}\n")).to eq([line])
    end
  end

  it 'asks the real program too' do
    expect(Monit.complaint(good)).to be_nil
    expect(Monit.complaint(good.sub('512 Mb', '512Mb'))).to match(/syntax error/)
  end

  it 'misses the alert on memory' do
    expect(Monit.without_alert(good.sub(/^.*totalmem.*\n/, ''))).to eq(['check process it'])
    expect(Monit.without_alert(good.sub('totalmem', 'mem'))).to eq(['check process it'])
  end
end
