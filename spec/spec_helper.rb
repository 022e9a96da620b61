require 'fileutils'
require 'json'
require 'open3'
require 'tmpdir'
require 'yaml'

ROOT = File.expand_path('..', __dir__)

require_relative 'support/director'
require_relative 'support/monit'
require_relative 'support/properties'
require_relative 'support/variants'
require_relative 'support/manifests'

JOBS = Dir[File.join(ROOT, 'jobs/*')].sort.map { |folder| Director::Job.new(folder) }.to_h { |job| [job.name, job] }

# Output and success of a program; both of its streams in one.
def run(*command, **options)
  output, status = Open3.capture2e(*command, **options)
  [output, status.success?]
end

require_relative 'support/wrong_values'

RSpec.configure do |config|
  config.disable_monkey_patching!
  config.expect_with(:rspec) { |expectations| expectations.max_formatted_output_length = 4000 }
end
