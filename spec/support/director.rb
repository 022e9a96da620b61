# Renders the jobs' templates as a BOSH Director does:
# - properties that the job's spec does not declare are dropped without a word;
# - nil is as good as missing, false is not;
# - a property with neither value nor default raises when a template asks for it;
# - a link shares the properties that its provider lists, and no others;
# - ERB with trim mode '-'.

require 'erb'
require 'json'
require 'set'
require 'ostruct'
require 'yaml'

module Director
  class UnknownProperty < StandardError
    def initialize(names)
      super("Can't find property '#{names.join("', or '")}'")
    end
  end

  class UnknownLink < StandardError
    def initialize(name)
      super("Can't find link '#{name}'")
    end
  end

  # Looking up 'a.b.c' in hashes of hashes.
  module Lookup
    def self.get(tree, name)
      name.split('.').reduce(tree) { |node, key| node.is_a?(Hash) ? node[key] : nil }
    end

    def self.set(tree, name, value)
      *parents, last = name.split('.')
      parents.reduce(tree) { |node, key| node[key] ||= {} }[last] = value
    end
  end

  # p and if_p, which templates have for their own properties and for those of a link.
  module Properties
    def p(names, *default)
      Array(names).each do |name|
        value = Lookup.get(raw_properties, name)
        return value unless value.nil?
      end
      raise UnknownProperty, Array(names) if default.empty?

      default.first
    end

    def if_p(*names)
      values = names.map { |name| Lookup.get(raw_properties, name) }
      return Otherwise.new(self) if values.any?(&:nil?)

      yield(*values)
      Done.new
    end
  end

  # What if_p and if_link return when they did not yield.
  class Otherwise
    def initialize(context)
      @context = context
    end

    def else
      yield
    end

    def else_if_p(*names, &block)
      @context.if_p(*names, &block)
    end

    def else_if_link(name, &block)
      @context.if_link(name, &block)
    end
  end

  # What they return when they did.
  class Done
    def else; end

    def else_if_p(*)
      self
    end

    def else_if_link(*)
      self
    end
  end

  # What a template sees of a link.
  class Link
    include Properties

    Instance = Struct.new(:name, :index, :id, :az, :address, :bootstrap, keyword_init: true)

    attr_reader :raw_properties, :address, :instances

    def initialize(address, properties)
      @address = address
      @raw_properties = properties
      @instances = [Instance.new(name: 'provider', index: 0, id: 'f00d', az: 'z1', address: address, bootstrap: true)]
    end
  end

  # A VM, as the templates' spec shows it; a field that it does not have raises.
  Spec = Struct.new(:name, :deployment, :id, :index, :bootstrap, :address, :ip, :az, keyword_init: true)

  SPEC = Spec.new(name: 'group', deployment: 'deployment', id: 'c0ffee', index: 0, bootstrap: true,
                  address: '10.0.0.9', ip: '10.0.0.9', az: 'z1').freeze

  # Everything that a template can call.
  class Context
    include Properties

    attr_reader :raw_properties, :spec

    # asked: gets the names of all properties that the template asks for.
    def initialize(properties, links, spec, asked)
      @raw_properties = properties
      @links = links
      @spec = spec
      @asked = asked
    end

    def p(names, *default)
      @asked.merge(Array(names))
      super
    end

    def if_p(*names)
      @asked.merge(names)
      super
    end

    def properties
      open(raw_properties)
    end

    def name
      spec.name
    end

    def index
      spec.index
    end

    def link(name)
      @links.fetch(name) { raise UnknownLink, name }
    end

    def if_link(name)
      return Otherwise.new(self) unless @links.key?(name)

      yield @links[name]
      Done.new
    end

    def render(file)
      erb = ERB.new(File.read(file, encoding: 'UTF-8'), trim_mode: '-')
      erb.filename = file
      erb.result(binding)
    end

    private

    def open(value)
      case value
      when Hash then OpenStruct.new(value.transform_values { |each| open(each) })
      when Array then value.map { |each| open(each) }
      else value
      end
    end
  end

  # A job of a release.
  class Job
    attr_reader :name, :spec, :asked

    def initialize(folder)
      @asked = Set.new
      @folder = folder
      @name = File.basename(folder)
      @spec = YAML.safe_load_file(File.join(folder, 'spec'))
    end

    # name in templates/ => path below the job's folder on the VM
    def templates
      spec['templates']
    end

    def declared
      spec['properties'] || {}
    end

    def sources
      ['monit', *templates.keys.map { |each| "templates/#{each}" }].to_h { |each| [each, File.read(File.join(@folder, each))] }
    end

    # The declared ones of these properties, with defaults for those that are missing.
    def effective(given)
      declared.each_with_object({}) do |(name, definition), result|
        value = Lookup.get(given, name)
        Lookup.set(result, name, value.nil? ? definition['default'] : value)
      end
    end

    # What a consumer gets of the link when the job is deployed with these properties.
    def provide(link, given, address:)
      shared = spec['provides'].find { |each| each['name'] == link }['properties'] || []
      values = effective(given)
      Link.new(address, shared.each_with_object({}) { |name, all| Lookup.set(all, name, Lookup.get(values, name)) })
    end

    # Path below the job's folder => text; monit is one of them.
    def render(properties, links: {}, spec: SPEC)
      { 'monit' => 'monit', **templates.to_h { |source, target| ["templates/#{source}", target] } }
        .to_h { |source, target| [target, render_one(source, properties, links: links, spec: spec)] }
    end

    def render_one(source, properties, links: {}, spec: SPEC)
      consumed = (self.spec['consumes'] || []).map { |each| each['name'] }
      Context.new(effective(properties), links.slice(*consumed), spec, @asked).render(File.join(@folder, source))
    end

    # What the Director says when it cannot render: the errors of all templates, each once.
    def errors(properties, links: {}, spec: SPEC)
      ['monit', *templates.keys.map { |each| "templates/#{each}" }].filter_map do |source|
        render_one(source, properties, links: links, spec: spec)
        nil
      rescue StandardError => e
        e.message
      end.uniq
    end

    # The JSON schema that Directors check properties by, and what they check by it.
    def schema
      JSON.parse(File.read(File.join(@folder, 'properties_schema.json')))
    end
  end
end
