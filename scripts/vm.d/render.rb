# ruby scripts/vm.d/render.rb JOBS MANAGER SERVICE OUT: renders the jobs of a release into OUT/JOB, from the two manifests
# after `bosh int`, for one VM that has all of them. $VM_INDEX and $VM_ADDRESS say which one of several it is.
require 'fileutils'
require 'open3'
require 'tmpdir'

ROOT = File.expand_path('../..', __dir__)
%w[director variants manifests].each { |name| require File.join(ROOT, 'spec/support', name) }

folder, *manifests, out = ARGV
JOBS = Dir[File.join(folder, '*')].map { |each| Director::Job.new(each) }.to_h { |job| [job.name, job] }
manager, service = manifests.map { |file| YAML.safe_load_file(file) }

spec = Director::SPEC.dup.tap do |vm|
  vm.address = vm.ip = ENV.fetch('VM_ADDRESS', '127.0.0.1')
  vm.index = ENV.fetch('VM_INDEX', '0').to_i
  vm.bootstrap = vm.index.zero?
end
links = { 'backup-manager' => Manifests.manager_link(manager), 'data-service' => Manifests.database_link(service) }

{ manager => %w[backup-manager smoke-tests rebuild-catalogue apply-policies], service => %w[backup-agent jvm-trusted-certs] }.each do |manifest, names|
  names.each do |name|
    properties = Manifests.job(manifest, name)['properties'] || {}
    JOBS.fetch(name).render(properties, links: links, spec: spec).each do |path, text|
      file = File.join(out, name, path)
      FileUtils.mkdir_p(File.dirname(file))
      File.write(file, text)
    end
  end
end
