using Akka.Actor;
using Akka.Configuration;

namespace Akka.Remote;

/// <summary>Makes failure detectors by the name of their type.</summary>
public static class FailureDetectorLoader
{
    /// <summary>A detector of the type <paramref name="fqcn"/>, made of a section and the system's event stream.</summary>
    /// <exception cref="ConfigurationException">There is no such type, or it is no failure detector of a configuration.</exception>
    public static FailureDetector Load(string fqcn, Config config, ActorSystem system)
    {
        if (Type.GetType(fqcn) is not { } type || !typeof(FailureDetector).IsAssignableFrom(type))
            throw new ConfigurationException($"Could not create custom FailureDetector {fqcn}: there is no such type");
        try
        {
            return (FailureDetector)Activator.CreateInstance(type, config, system.EventStream)!;
        }
        catch (Exception cause) when (cause is MissingMethodException or System.Reflection.TargetInvocationException)
        {
            throw new ConfigurationException(
                $"Could not create custom FailureDetector {fqcn}: {(cause.InnerException ?? cause).Message}",
                cause.InnerException ?? cause
            );
        }
    }

    /// <summary>A detector for an actor.</summary>
    /// <exception cref="ConfigurationException">There is no such type, or it is no failure detector of a configuration.</exception>
    public static FailureDetector LoadFailureDetector(this IActorContext context, string fqcn, Config config) =>
        Load(fqcn, config, context.System);
}
