# The harness itself: what is told of the Director in spec/support/director.rb.

RSpec.describe Director do
  around { |example| Dir.mktmpdir { |dir| @dir = dir and example.run } }

  def job(properties: {}, provides: [], consumes: [], template: '')
    folder = File.join(@dir, 'job')
    FileUtils.mkdir_p(File.join(folder, 'templates'))
    File.write(File.join(folder, 'spec'), YAML.dump(
      'name' => 'job', 'templates' => { 't.erb' => 't' }, 'properties' => properties, 'provides' => provides,
      'consumes' => consumes))
    File.write(File.join(folder, 'monit'), '')
    File.write(File.join(folder, 'templates/t.erb'), template)
    Director::Job.new(folder)
  end

  def render(template, given, links: {}, **definition)
    job(template: template, **definition).render(given, links: links)['t']
  end

  let(:declared) { { 'a.b' => {}, 'a.c' => { 'default' => 'dflt' }, 'flag' => { 'default' => true } } }

  it 'finds properties, falls back to their defaults and to those of the call' do
    expect(render("<%= p('a.b') %> <%= p('a.c') %> <%= p('x', 1) %>", { 'a' => { 'b' => 'B' } }, properties: declared))
      .to eq('B dflt 1')
    expect(render("<%= p(['x', 'a.b'], 2) %> <%= p(%w[x a.c]) %>", {}, properties: declared)).to eq('2 dflt')
  end

  it 'takes nil for missing, and false for a value' do
    expect(render("<%= p('a.c') %> <%= p('flag') %>", { 'a' => { 'c' => nil }, 'flag' => false }, properties: declared))
      .to eq('dflt false')
  end

  it 'drops what is not declared' do
    expect { render("<%= p('a.z') %>", { 'a' => { 'z' => 1 } }, properties: declared) }
      .to raise_error(Director::UnknownProperty, /a\.z/)
  end

  it 'raises for a missing property and a missing link, and names them' do
    expect { render("<%= p('a.b') %>", {}, properties: declared) }.to raise_error(Director::UnknownProperty, /'a\.b'/)
    expect { render("<%= link('other') %>", {}) }.to raise_error(Director::UnknownLink, /'other'/)
  end

  it 'knows if_p, else and else_if_p' do
    template = "<% if_p('a.b') { |b| %>b=<%= b %><% }.else_if_p('a.c') { |c| %>c=<%= c %><% }.else { %>none<% } %>"
    expect(render(template, { 'a' => { 'b' => 1 } }, properties: declared)).to eq('b=1')
    expect(render(template, {}, properties: declared)).to eq('c=dflt')
    expect(render(template, {})).to eq('none')
  end

  it 'shares of a provider only what it lists, with defaults, and only with those who consume it' do
    provider = job(properties: { 'port' => { 'default' => 1 }, 'password' => {} },
                   provides: [{ 'name' => 'it', 'type' => 't', 'properties' => ['port'] }])
    links = { 'it' => provider.provide('it', { 'password' => 'x' }, address: 'there') }
    consumes = [{ 'name' => 'it', 'type' => 't' }]
    expect(render("<%= link('it').address %> <%= link('it').p('port') %> <%= link('it').p('password', '-') %>", {},
                  links: links, consumes: consumes)).to eq('there 1 -')
    template = "<% if_link('it') { |l| %><%= l.instances.size %><% }.else { %>none<% } %>"
    expect(render(template, {}, links: links, consumes: consumes)).to eq('1')
    expect(render(template, {}, links: links)).to eq('none')
  end

  it 'has trim mode -, the spec and the properties' do
    expect(render("<%- if spec.bootstrap -%>\n<%= spec.address %> <%= properties.a.c %>\n<%- end -%>\n", {},
                  properties: declared)).to eq("10.0.0.9 dflt\n")
    expect { render('<%= spec.adress %>', {}) }.to raise_error(NoMethodError)
  end
end
