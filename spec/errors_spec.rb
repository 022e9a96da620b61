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
    expect { manager('memory_mb', 359) }.to raise_error('backup-manager.memory_mb must be 360 or more, and is 359')
    expect { agent('memory_mb', 127) }.to raise_error(/backup-agent\.memory_mb must be 128 or more .* and is 127/)
    two = Properties.with(Properties::AGENT, 'backup-agent.uploads_in_flight', 2)
    links = { 'backup-manager' => Variants.manager_link }
    expect { render('backup-agent', two, links) }.to raise_error(/must be 136 or more .* and is 128/)
  end

  ['512Mb', '512', 512.5, 0, -1, true].each do |wrong|
    it "refuses #{wrong.inspect} as a number of MB" do
      expect { manager('thresholds.alert_if_above_mb', wrong) }
        .to raise_error("backup-manager.thresholds.alert_if_above_mb must be a whole number of MB, and is #{wrong.inspect}")
      expect { agent('thresholds.alert_if_above_mb', wrong) }
        .to raise_error("backup-agent.thresholds.alert_if_above_mb must be a whole number of MB, and is #{wrong.inspect}")
      expect { manager('memory_mb', wrong) }.to raise_error(/backup-manager\.memory_mb must be/)
      expect { agent('memory_mb', wrong) }.to raise_error(/backup-agent\.memory_mb must be/)
    end
  end

  it 'warns of a threshold that usual work exceeds' do
    expect(manager('thresholds.alert_if_above_mb', 512)['bin/pre-start']).to include("the alert's threshold is not above memory_mb")
    expect(agent('thresholds.alert_if_above_mb', 128)['bin/pre-start']).to include("the alert's threshold is not above memory_mb")
    expect(manager('memory_mb', 512)['bin/pre-start']).not_to include('threshold')
  end

  it 'says that bpm has no root' do
    properties = Properties.with(Properties::AGENT_DIRECTORY, 'backup-agent.bpm.enabled', true)
    expect { render('backup-agent', properties, { 'backup-manager' => Variants.manager_link }) }
      .to raise_error('backup-agent.run_as must be vcap under bpm, and is root')
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
