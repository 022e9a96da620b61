# The commands that the documentation tells operators to type: the bosh CLI knows them, with these options and so many
# arguments. What a Director then does with them is in the sources of BOSH; scripts/vm does the same to a VM.

RSpec.describe 'the documentation' do
  documents = [File.join(ROOT, 'README.md'), *Dir[File.join(ROOT, 'docs/**/*.md')], *Dir[File.join(ROOT, 'manifests/**/*.{md,yml}')]]

  # bosh commands in code blocks and between backquotes; a backslash at the end goes on in the next line.
  commands = documents.flat_map do |file|
    text = File.read(file).gsub(/^# ?/, '').gsub(/ ?\\\n\s*/, ' ')
    blocks = text.scan(/^(?:sudo )?(bosh .*)$/).flatten + text.scan(/`(bosh [^`]*)`/m).flatten
    blocks.map { |each| [file.delete_prefix("#{ROOT}/"), each.tr("\n", ' ').sub(/\s+#.*/, '').sub(/,? then$/, '').strip] }
  end.uniq

  it 'names some' do
    expect(commands.size).to be > 15
  end

  # Commands are cut short by … where it says "as before".
  def self.words(command)
    command.sub(/\s*…\s*/, ' ').sub(/[.;:]$/, '').split.map { |each| each.delete(%q("'[])) }
  end

  commands.each do |file, command|
    next if words(command).size < 3 # a command's name alone
    next if words(command)[1] == 'create-env' # makes a Director; docs/bosh.md says that it was not tried

    it "#{file}: #{command}" do
      # Without a Director it gets as far as asking for one. Files that are named are there, or are the reader's.
      output, = Dir.mktmpdir do |dir|
        FileUtils.cp_r(File.join(ROOT, 'manifests'), dir)
        FileUtils.touch(%w[holdfast.tgz holdfast-NEW.tgz MANIFEST STEMCELL FILE].map { |each| File.join(dir, each) })
        run({ 'BOSH_ENVIRONMENT' => '', 'HOME' => dir }, Manifests::BOSH, '-n', *self.class.words(command).drop(1), chdir: dir)
      end
      # bosh ssh without a terminal wants a command; that it was understood is what counts here.
      expect(output).to match(/\AExpected non-empty Director URL|\ANon-interactive SSH requires/)
    end
  end
end
