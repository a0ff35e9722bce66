using Akka.Configuration;
using Hatchery.Devices.Configuration;

namespace Hatchery.Server;

/// <summary>The configuration of a server: its own file over reference.conf.</summary>
internal static class ServerConfiguration
{
    /// <param name="file">Null: reference.conf alone.</param>
    /// <exception cref="SettingsException">A file is missing or wrong.</exception>
    public static Config Load(string? file)
    {
        try
        {
            var reference = HoconFile.Load(Path.Combine(AppContext.BaseDirectory, "hocon", "reference.conf"));
            return file is null ? reference : HoconFile.Load(Path.GetFullPath(file)).WithFallback(reference);
        }
        catch (ConfigurationException wrong)
        {
            throw new SettingsException(wrong.Message, wrong);
        }
    }

    /// <summary>Keys below `hatchery` and `petabridge.cmd` that reference.conf does not have: misspelt ones.</summary>
    public static IEnumerable<string> UnknownKeys(Config config, ISet<string> known) =>
        Keys(config, "hatchery")
            .Concat(Keys(config, "petabridge.cmd"))
            .Where(k => !known.Contains(k) && !known.Any(n => n.StartsWith(k + ".", StringComparison.Ordinal)));

    /// <summary>The full path of every value below a path; lists are values.</summary>
    public static IEnumerable<string> Keys(Config config, string path)
    {
        if (config.GetValue(path) is not { } value)
            return [];
        return value.IsObject() && value.GetObject() is { } items
            ? items.Items.Keys.SelectMany(key => Keys(config, $"{path}.{key}"))
            : [path];
    }
}
