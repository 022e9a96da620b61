# The jobs' specs: every property is explained, every one that is asked for is declared, and none is left over.

RSpec.describe 'the spec of' do
  # How templates ask: p('a'), p(['a', 'b']), if_p('a', 'b'), manager.p('a'), service.if_p('a').
  CALL = /(?:(?<receiver>\w+|link\('[^']+'\))\.)?(?<![\w])(?<method>if_p|p)\(\s*(?<arguments>\[[^\]]*\]|(?:'[^']*'(?:,\s*)?)+)/

  def calls(job)
    job.sources.values.flat_map { |text| text.to_enum(:scan, CALL).map { Regexp.last_match } }
  end

  def names(calls)
    calls.flat_map { |call| call[:arguments].scan(/'([^']+)'/).flatten }.grep(/\A[a-z][a-z_-]*\.[a-z_.-]+\z/).uniq
  end

  JOBS.each_value do |job|
    describe job.name do
      it 'explains each property: its type, and an example' do
        job.declared.each do |name, definition|
          expect(definition['description']).to match(/\AType: [a-zA-Z]/), name
          expect(definition).to have_key('example'), name
          expect(definition.keys - %w[description default example]).to be_empty, name
        end
      end

      it 'declares what its templates ask for, and nothing else' do
        # Rendered once more, so that this example does not rest on the others.
        Variants.all.select { |each| each.job == job.name }.each { |each| job.render(each.properties, links: each.links, spec: each.spec) }
        expect(job.asked).to match_array(job.declared.keys)
      end

      it 'has a schema for just its properties' do
        expect(WrongValues.leaves(job.schema).keys - ['']).to match_array(job.declared.keys)
      end

      it 'has templates for all of its files, and files for all of its templates' do
        files = Dir[File.join(ROOT, 'jobs', job.name, 'templates/**/*')].map { |file| File.basename(file) }
        expect(job.templates.keys).to match_array(files)
      end

      it 'asks for properties of its own name only' do
        expect(job.declared.keys).to all(start_with("#{job.name}."))
      end

      it 'needs packages that are there' do
        expect(job.spec['packages'].map { |name| File.join(ROOT, 'packages', name, 'spec') }).to all(satisfy { |f| File.file?(f) })
      end

      it 'shares properties that it has' do
        (job.spec['provides'] || []).each { |link| expect(job.declared.keys).to include(*link['properties'].to_a) }
      end
    end
  end

  it 'a link: templates ask it only for what the provider shares' do
    shared = JOBS['backup-manager'].spec['provides'].first['properties']
    asked = JOBS.values.flat_map { |job| names(calls(job).select { |call| call[:receiver] =~ /manager/ }) }.uniq
    expect(shared).to match_array(asked)

    # What https://github.com/cloudfoundry/postgres-release shares under the type database.
    asked = JOBS.values.flat_map { |job| names(calls(job).select { |call| call[:receiver] == 'service' }) }
    expect(%w[databases.port databases.databases databases.roles databases.tls.ca]).to include(*asked)
  end

  # A property without a default is either needed, and its absence names it, or asked for by if_p or with a default.
  describe 'a property without a default' do
    minimal = {
      'backup-manager' => [Properties::MANAGER, {}],
      'backup-agent' => [Properties::AGENT, {}],
      'smoke-tests' => [Properties::SMOKE_TESTS, {}],
      'jvm-trusted-certs' => [{}, {}],
      'apply-policies' => [{ 'apply-policies' => { 'operator' => { 'password' => 'secret' } } }, {}]
    }
    optional = %w[
      backup-manager.external_host backup-manager.metrics.password backup-manager.keys.secret
      backup-manager.keys.master_identity backup-manager.keys.signing_key backup-manager.store_ca
      backup-manager.database_ca backup-manager.login.url backup-manager.login.openid backup-manager.login.openid_ca
      backup-manager.cloud_controller.url backup-manager.cloud_controller.ca
      backup-manager.http_proxy backup-manager.https_proxy
      backup-agent.manager.url backup-agent.manager.ca backup-agent.trusted_ca
      backup-agent.http_proxy backup-agent.https_proxy
      smoke-tests.tls.certificate smoke-tests.tls.private_key smoke-tests.instance_id
    ]

    JOBS.each_value do |job|
      job.declared.reject { |_, definition| definition.key?('default') }.each_key do |name|
        it "#{name} is #{optional.include?(name) ? 'optional' : 'needed'}" do
          links = { 'backup-manager' => Variants.manager_link }
          without = Properties.with(minimal.fetch(job.name).first, name, nil)
          if optional.include?(name)
            expect { job.render(without, links: links) }.not_to raise_error
          else
            expect { job.render(without, links: links) }.to raise_error(Director::UnknownProperty, /'#{Regexp.escape(name)}'/)
          end
        end
      end
    end
  end
end
