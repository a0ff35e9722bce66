using Akka.Actor;

namespace Akka.Configuration;

/// <summary>A configuration that cannot be read, or that lacks what somebody needs.</summary>
public class ConfigurationException : AkkaException
{
    public ConfigurationException(string message)
        : base(message) { }

    public ConfigurationException(string message, Exception? exception)
        : base(message, exception) { }

    /// <summary>The error for a <typeparamref name="T"/> that was handed no section, or one with nothing in it.</summary>
    public static ConfigurationException NullOrEmptyConfig<T>(string? path = null) =>
        new(
            path is null
                ? $"{typeof(T).FullName} was given no configuration"
                : $"{typeof(T).FullName} needs the configuration section '{path}', which is missing or empty"
        );
}
