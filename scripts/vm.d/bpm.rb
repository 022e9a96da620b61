# ruby scripts/vm.d/bpm.rb start|stop JOB: replaces bpm, whose own program cannot be had from a package registry. It reads
# the job's config/bpm.yml and does what bpm does with it, on the real runc: the container's mounts and their options, its
# user, its namespaces and cgroups, and which folders become the user's. From the sources of bpm-release 1.2: runc/adapter,
# runc/specbuilder, config. Left out: its seccomp filter, which is runc's usual one.
require 'etc'
require 'fileutils'
require 'json'
require 'yaml'

action, job = ARGV
vcap = '/var/vcap'
process = YAML.safe_load_file("#{vcap}/jobs/#{job}/config/bpm.yml").fetch('processes').find { |each| each['name'] == job }
container = "bpm-#{job}"
pid_file = "#{vcap}/sys/run/bpm/#{job}/#{job}.pid"
user = Etc.getpwnam('vcap')
runc = ['runc', '--root', "#{vcap}/sys/run/bpm-runc"]

def alive?(pid)
  Process.kill(0, pid) && true
rescue Errno::ESRCH
  false
end

if action == 'stop'
  pid = File.exist?(pid_file) ? File.read(pid_file).to_i : 0
  { 'TERM' => 20, 'QUIT' => 2 }.each do |signal, seconds|
    next if pid.zero? || !alive?(pid)

    system(*runc, 'kill', container, signal)
    (seconds * 10).times { alive?(pid) ? sleep(0.1) : break }
  end
  system(*runc, 'delete', '--force', container, err: File::NULL)
  FileUtils.rm_f(pid_file)
  exit
end
abort "usage: bpm start|stop JOB" unless action == 'start'

# Where jobs may have more of, and what bpm says of everything else.
process['additional_volumes'].to_a.each do |volume|
  path = volume['path']
  abort "volume path must be canonical: #{path}" unless File.expand_path(path) == path
  abort "invalid volume path: #{path}" unless path.match?(%r{\A/var/vcap/(data|store|sys/run)/.})
  next if volume['mount_only']

  FileUtils.mkdir_p(path, mode: 0o700)
  FileUtils.chmod(0o700, path)
  FileUtils.chown(user.uid, user.gid, path)
end

temporary = "#{vcap}/data/#{job}/tmp"
own = ["#{vcap}/sys/log/#{job}", temporary]
own << "#{vcap}/data/#{job}" if process['ephemeral_disk']
own << "#{vcap}/store/#{job}" if process['persistent_disk']
own.each do |path|
  FileUtils.mkdir_p(path, mode: 0o700)
  FileUtils.chown(user.uid, user.gid, path)
end

mounts = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: %w[nosuid noexec mode=755 size=65536k] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: %w[nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5] },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: %w[nosuid noexec nodev mode=1777 size=65536k] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: %w[nosuid noexec nodev] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: %w[nosuid noexec nodev ro] }
]
bind = lambda do |source, destination = source, exec: false, write: false, recursive: true|
  options = ['nodev', 'nosuid', recursive ? 'rbind' : 'bind', write ? 'rw' : 'ro', exec ? 'exec' : 'noexec']
  mounts.reject! { |each| each[:destination] == destination }
  mounts << { destination: destination, type: 'bind', source: File.realpath(source), options: options }
end
%w[/bin /etc /lib /lib64 /sbin /usr].each { |path| bind.call(path, exec: true, recursive: false) }
['/tmp', '/var/tmp', temporary].each { |path| bind.call(temporary, path, write: true) }
["#{vcap}/data/packages", "#{vcap}/packages", "#{vcap}/jobs/#{job}"].each { |path| bind.call(path, exec: true, recursive: false) }
# The agent's jobs are in data/jobs, and packages in data/packages: links lead there.
own.each { |path| bind.call(path, write: true) }
volumes = process['additional_volumes'].to_a
volumes += (process.dig('unsafe', 'unrestricted_volumes') || []).flat_map { |each| Dir[each['path']].map { |path| each.merge('path' => path) } }
volumes.each { |each| bind.call(each['path'], exec: each['allow_executions'], write: each['writable']) }

bundle = "#{vcap}/data/bpm/bundles/#{job}/#{job}"
FileUtils.rm_rf(bundle)
FileUtils.mkdir_p("#{bundle}/rootfs")
environment = { 'TMPDIR' => temporary, 'LANG' => 'en_US.UTF-8', 'HOME' => "#{vcap}/data/#{job}",
                'PATH' => "#{vcap}/jobs/#{job}/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin:." }.merge(process['env'] || {})
memory = process.dig('limits', 'memory')
File.write("#{bundle}/config.json", JSON.generate(
  ociVersion: '1.0.2', root: { path: "#{bundle}/rootfs" },
  process: {
    user: { uid: user.uid, gid: user.gid }, cwd: "#{vcap}/jobs/#{job}", noNewPrivileges: true, capabilities: {},
    args: ['/usr/bin/tini', '-w', '-s', '--', process['executable'], *process['args']], env: environment.map { |pair| pair.join('=') }
  },
  mounts: mounts,
  linux: {
    rootfsPropagation: 'private', namespaces: %w[ipc mount uts].concat(process['unsafe'] ? ['pid'] : []).map { |type| { type: type } },
    maskedPaths: %w[/proc/kcore /proc/latency_stats /proc/timer_list /sys/firmware], readonlyPaths: %w[/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger],
    # Of this run alone: others may be under way, and scripts/vm removes them.
    cgroupsPath: "/#{File.read("#{vcap}/bosh/run").strip}-#{job}",
    resources: memory ? { memory: { limit: memory[/\d+/].to_i * { 'M' => 1 << 20, 'G' => 1 << 30 }.fetch(memory[/[MG]/]) } } : {}
  }
))

FileUtils.mkdir_p(File.dirname(pid_file), mode: 0o700)
system(*runc, 'delete', '--force', container, err: File::NULL)
logs = %w[stdout stderr].map do |name|
  File.open("#{vcap}/sys/log/#{job}/#{job}.#{name}.log", 'a', 0o600).tap { |file| file.chown(user.uid, user.gid) }
end
good = system(*runc, 'run', '--bundle', bundle, '--pid-file', pid_file, '--detach', container, in: File::NULL, out: logs[0], err: logs[1])
exit(good ? 0 : 1)
