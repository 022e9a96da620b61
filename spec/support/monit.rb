# What stemcells' monit (5.2.5) understands of a process's control file. It is far older than Debian's, so `monit -t`
# alone would let through what ends a deployment: only the statements listed here are known.

module Monit
  KNOWN = [
    /\Acheck process [a-z0-9-]+\z/,
    %r{\Awith pidfile /var/vcap/sys/run/(bpm/)?[a-z0-9-]+/[a-z0-9-]+\.pid\z},
    /\A(start|stop) program "[^"]+"( with timeout \d+ seconds)?\z/,
    /\Agroup vcap\z/,
    # Without the blank it is an error, without the unit it means bytes, and "total memory" came later.
    /\Aif totalmem > [1-9]\d* Mb( for \d+ cycles)? then alert\z/
  ].freeze

  ALERT = KNOWN.last

  def self.statements(text)
    text.lines.map { |line| line.sub(/#.*/, '').strip }.reject(&:empty?)
  end

  # The lines that monit 5.2.5 may not know.
  def self.unknown(text)
    statements(text).reject { |line| KNOWN.any? { |known| known.match?(line) } }
  end

  # What is missing: each process alerts on the memory of itself and its children.
  def self.without_alert(text)
    statements(text).slice_before(/\Acheck /).reject { |check| check.any? { |line| ALERT.match?(line) } }.map(&:first)
  end

  # What the real program says, nil when it is content. It wants a file that nobody else may read.
  def self.complaint(text)
    Dir.mktmpdir do |dir|
      file = File.join(dir, 'monitrc')
      File.write(file, "set daemon 10\n#{text}", perm: 0o700)
      output, good = run('monit', '-t', '-c', file)
      good ? nil : output
    end
  end
end
