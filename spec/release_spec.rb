# What scripts/create-release rests on: the version, and the C library that the release needs.

RSpec.describe 'scripts/lib/version' do
  around { |example| Dir.mktmpdir { |dir| @clone = File.join(dir, 'clone') and example.run } }

  def git(*arguments, time: '2026-03-01T12:00:00+02:00', dir: @clone)
    output, good = run({ 'GIT_COMMITTER_DATE' => time, 'HOME' => dir }, 'git', '-c', 'user.name=x', '-c', 'user.email=x@example.com',
                       '-c', 'protocol.file.allow=always', *arguments, chdir: dir)
    raise output unless good

    output.strip
  end

  def version(dir = @clone, **environment)
    output, good = run({ 'HOLDFAST_VERSION' => nil, **environment.transform_keys(&:to_s) }, File.join(dir, 'scripts/lib/version'))
    raise output unless good

    output.strip
  end

  before do
    FileUtils.mkdir_p([File.join(@clone, 'scripts/lib'), File.join(@clone, 'src')])
    FileUtils.cp(File.join(ROOT, 'scripts/lib/version'), File.join(@clone, 'scripts/lib'))
    File.write(File.join(@clone, 'src/pom.xml'), '<project><version>1.2.0-SNAPSHOT</version></project>')
    File.write(File.join(@clone, '.gitignore'), "build/\n")
    git('init', '-q')
    git('add', '-A')
    git('commit', '-q', '-m', 'first')
  end

  it 'B5: is each commit its own, greater for a later one, and what BOSH takes for a version' do
    first = version
    expect(first).to match(/\A1\.2\.0-dev\.20260301100000\.g[0-9a-f]{9}\z/)
    expect(version).to eq(first)
    git('commit', '-q', '--allow-empty', '-m', 'second', time: '2026-03-01T12:00:01+02:00')
    expect(version).to be > first
    expect(first).to match(/\A[0-9A-Za-z_.]+(-[0-9A-Za-z_.]+)?(\+[0-9A-Za-z_.]+)?\z/)
  end

  it 'is the tag at a commit that has one, and only while nothing is changed' do
    git('tag', 'v1.2.0-rc.1')
    expect(version).to eq('1.2.0-rc.1')
    File.write(File.join(@clone, 'new'), 'x')
    expect(version).to start_with('1.2.0-dev.')
  end

  it 'tells changes that are not committed apart, whatever they are' do
    clean = version
    seen = [clean]
    changes = [
      -> { File.write(File.join(@clone, 'new file'), 'one') }, -> { File.write(File.join(@clone, 'new file'), 'two') },
      -> { File.write(File.join(@clone, 'src/pom.xml'), "<project><version>1.2.0-SNAPSHOT</version></project>\n") },
      -> { FileUtils.rm(File.join(@clone, '.gitignore')) }
    ]
    changes.each do |change|
      change.call
      expect(seen).not_to include(version)
      expect(version).to match(/\.dirty-[0-9a-f]{7}\z/)
      expect(version).to be > clean
      seen << version
    end
  end

  it 'does not mind what is ignored' do
    clean = version
    FileUtils.mkdir(File.join(@clone, 'build'))
    File.write(File.join(@clone, 'build/x'), 'x')
    expect(version).to eq(clean)
  end

  it 'is the same in a clone without history and tags, and something without git' do
    git('commit', '-q', '--allow-empty', '-m', 'second')
    Dir.mktmpdir do |dir|
      git('clone', '-q', '--depth', '1', '--no-tags', "file://#{@clone}", 'shallow', dir: dir)
      expect(version(File.join(dir, 'shallow'))).to eq(version)
      FileUtils.rm_rf(File.join(dir, 'shallow/.git'))
      expect(version(File.join(dir, 'shallow'))).to eq('1.2.0-dev')
    end
    expect(version(HOLDFAST_VERSION: '3.0.0')).to eq('3.0.0')
  end
end

RSpec.describe 'scripts/lib/check-glibc' do
  it 'B6: names what needs a newer C library than the oldest stemcell has, and is content with the rest' do
    Dir.mktmpdir do |dir|
      # Every C library has symbols of its own version.
      libc = Dir['/lib/*/libc.so.6'].first
      FileUtils.cp(libc, File.join(dir, 'library.so'))
      File.write(File.join(dir, 'text'), 'GLIBC_2.99')
      own = File.binread(libc).scan(/GLIBC_2\.(\d+)/).flatten.map(&:to_i).max
      check = File.join(ROOT, 'scripts/lib/check-glibc')
      expect(run(check, "2.#{own}", dir)).to eq(['', true])
      output, good = run(check, "2.#{own - 1}", dir)
      expect(good).to be(false)
      expect(output).to include("library.so needs glibc 2.#{own}\n", 'ubuntu-jammy', 'HINT: ')
      expect(output).not_to include('2.99')
    end
  end
end
