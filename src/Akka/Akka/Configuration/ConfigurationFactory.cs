using System.Reflection;
using System.Text.Json;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>Makes configurations out of HOCON text, resources and objects.</summary>
public class ConfigurationFactory
{
    private const string ReferenceResource = "Akka.Configuration.akka.conf";
    private static readonly Lazy<Config> Reference = new(() =>
        FromResource(ReferenceResource, typeof(ConfigurationFactory).Assembly)
    );

    /// <summary>A configuration that holds nothing.</summary>
    public static Config Empty => Config.Empty;

    /// <summary>Reads HOCON text that includes no other.</summary>
    /// <exception cref="ConfigurationException">The text is wrong; the message names line and column.</exception>
    public static Config ParseString(string hocon) => new(Parser.Parse(hocon, null));

    /// <summary>Reads HOCON text whose includes are found by <paramref name="includeCallback"/>.</summary>
    /// <param name="hocon">The text.</param>
    /// <param name="includeCallback">Given a name as it stands in the text, the parsed file, or null where there is none.</param>
    /// <exception cref="ConfigurationException">The text is wrong; the message names line and column.</exception>
    public static Config ParseString(string hocon, Func<string, HoconRoot?>? includeCallback) =>
        new(Parser.Parse(hocon, includeCallback));

    /// <summary>The configuration of the process; without application configuration files it is empty.</summary>
    public static Config Load() => Empty;

    /// <summary>The defaults that every actor system stands on.</summary>
    public static Config Default() => Reference.Value;

    /// <summary>A configuration with the public properties of <paramref name="source"/>.</summary>
    public static Config FromObject(object source) => ParseString(JsonSerializer.Serialize(source));

    /// <summary>The HOCON resource of the given name in the assembly of <paramref name="instanceInAssembly"/>.</summary>
    public static Config FromResource(string resourceName, object instanceInAssembly) =>
        instanceInAssembly is Type type
            ? FromResource(resourceName, type.Assembly)
            : FromResource(resourceName, instanceInAssembly.GetType().Assembly);

    /// <summary>The HOCON resource of the given name in the assembly of <typeparamref name="TAssembly"/>.</summary>
    public static Config FromResource<TAssembly>(string resourceName) =>
        FromResource(resourceName, typeof(TAssembly).Assembly);

    /// <summary>The HOCON resource of the given name in <paramref name="assembly"/>.</summary>
    /// <exception cref="ConfigurationException">There is no such resource, or it is not HOCON.</exception>
    public static Config FromResource(string resourceName, Assembly assembly)
    {
        using var stream =
            assembly.GetManifestResourceStream(resourceName)
            ?? throw new ConfigurationException($"{assembly.GetName().Name} has no resource '{resourceName}'");
        using var reader = new StreamReader(stream);
        return ParseString(reader.ReadToEnd());
    }
}
