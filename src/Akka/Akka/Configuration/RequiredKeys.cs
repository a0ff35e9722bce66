namespace Akka.Configuration;

/// <summary>Keys that the defaults hold, so that a missing one is an error in the defaults.</summary>
internal static class RequiredKeys
{
    public static string GetRequiredString(this Config config, string path) =>
        config.GetString(path) ?? throw new ConfigurationException($"The key [{path}] has no value.");
}
