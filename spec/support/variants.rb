# Each job in every way in which it can be deployed: job => variant => properties, links and VM.

module Variants
  Variant = Struct.new(:job, :name, :properties, :links, :spec, keyword_init: true) do
    def files
      @files ||= JOBS.fetch(job).render(properties, links: links, spec: spec)
    end

    def to_s
      "#{job} (#{name})"
    end
  end

  def self.manager_link(properties = Properties::MANAGER)
    JOBS.fetch('backup-manager').provide('backup-manager', properties, address: 'q-s0.backup-manager.default.holdfast.bosh')
  end

  # What the job postgres of the PostgreSQL release shares.
  def self.database_link(port: 5524, roles: [{ 'name' => 'backup', 'password' => 'secret-role-password' }])
    Director::Link.new('q-s0.postgres.default.shop.bosh', 'databases' => { 'port' => port, 'roles' => roles })
  end

  # What the job pxc-mysql of the pxc release shares.
  def self.mysql_link(port: 3307)
    Director::Link.new('q-s0.mysql.default.shop.bosh', 'port' => port)
  end

  def self.links
    { 'backup-manager' => manager_link, 'data-service' => database_link, 'mysql-service' => mysql_link }
  end

  def self.ipv6_links
    address = Properties.with(Properties::MANAGER, 'backup-manager.external_host', '2001:db8::4')
    { 'backup-manager' => manager_link(address),
      'data-service' => Director::Link.new('2001:db8::5', 'databases' => { 'port' => 5524 }) }
  end

  def self.all
    @all ||= managers + agents + smoke_tests + keystores + policies + [variant('rebuild-catalogue', 'minimal', {})]
  end

  def self.managers
    bpm = Properties.with(Properties::MANAGER, 'backup-manager.bpm.enabled', true)
    full_bpm = Properties.with(Properties::MANAGER_FULL, 'backup-manager.bpm.enabled', true)
    [
      variant('backup-manager', 'minimal', Properties::MANAGER),
      variant('backup-manager', 'minimal-bpm', bpm),
      variant('backup-manager', 'full', Properties::MANAGER_FULL),
      variant('backup-manager', 'full-bpm', full_bpm),
      variant('backup-manager', 'ipv6', Properties::MANAGER, {}, Director::SPEC.dup.tap { |spec| spec.address = spec.ip = '2001:db8::4' })
    ]
  end

  def self.agents
    external = { 'backup-manager' => manager_link(Properties::MANAGER_FULL) }
    follower = Director::SPEC.dup.tap { |spec| spec.bootstrap = false }
    second = follower.dup.tap { |spec| spec.index = 1 }
    all_nodes = Properties.with(Properties::AGENT, 'backup-agent.nodes', 'all')
    bpm = Properties.with(Properties::AGENT, 'backup-agent.bpm.enabled', true)
    full_bpm = Properties.with(Properties::AGENT_FULL, 'backup-agent.bpm.enabled', true)
    [
      variant('backup-agent', 'minimal', Properties::AGENT, external),
      variant('backup-agent', 'minimal-links', Properties::AGENT, links),
      variant('backup-agent', 'minimal-links-follower', Properties::AGENT, links, follower),
      variant('backup-agent', 'second-of-several-nodes', all_nodes, links, second),
      variant('backup-agent', 'minimal-links-bpm', bpm, links),
      variant('backup-agent', 'full', Properties::AGENT_FULL),
      variant('backup-agent', 'full-links', Properties::AGENT_FULL, links),
      variant('backup-agent', 'full-bpm', full_bpm),
      variant('backup-agent', 'directory', Properties::AGENT_DIRECTORY, links),
      variant('backup-agent', 'hostile-bpm', Properties::AGENT_HOSTILE, links),
      variant('backup-agent', 'command-bpm', Properties::AGENT_COMMAND_BPM, links),
      variant('backup-agent', 'ipv6', Properties::AGENT, ipv6_links)
    ] + Properties::AGENT_ADAPTERS.map do |adapter|
      variant('backup-agent', adapter['kind'], Properties.agent(adapter), links)
    end
  end

  def self.smoke_tests
    links = { 'backup-manager' => manager_link }
    external = { 'backup-manager' => manager_link(Properties::MANAGER_FULL) }
    [
      variant('smoke-tests', 'minimal', Properties::SMOKE_TESTS, links),
      variant('smoke-tests', 'instance', Properties::SMOKE_TESTS_INSTANCE, external),
      variant('smoke-tests', 'ipv6', Properties::SMOKE_TESTS, ipv6_links)
    ]
  end

  def self.policies
    minimal = { 'apply-policies' => { 'operator' => { 'password' => 'secret-admin-password' } } }
    [
      variant('apply-policies', 'minimal', minimal, 'backup-manager' => manager_link),
      variant('apply-policies', 'full', Properties::POLICIES, ipv6_links)
    ]
  end

  def self.keystores
    [
      variant('jvm-trusted-certs', 'minimal', {}),
      variant('jvm-trusted-certs', 'full', Properties::KEYSTORES)
    ]
  end

  def self.variant(job, name, properties, links = {}, spec = Director::SPEC)
    Variant.new(job: job, name: name, properties: properties, links: links, spec: spec)
  end

  # Writes <dir>/<job>/<variant>/config/*, with the paths in the files made to fit: for tests that read them.
  def self.write(variant, dir)
    folder = File.join(dir, variant.job, variant.name)
    variant.files.each do |path, text|
      next unless path.start_with?('config/')

      file = File.join(folder, path)
      FileUtils.mkdir_p(File.dirname(file))
      text = text.gsub("/var/vcap/jobs/#{variant.job}/config", File.join(folder, 'config')) if path.end_with?('.json')
      # Another job's file, which is not there.
      text = text.gsub('/var/vcap/jobs/pxc-mysql/config/password', File.join(folder, 'config/certificate.pem'))
      File.write(file, text)
    end
  end
end
