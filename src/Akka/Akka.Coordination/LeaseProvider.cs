using System.Collections.Concurrent;
using System.Reflection;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Coordination;

/// <summary>Makes leases of the implementations that the configuration names.</summary>
public sealed class LeaseProvider : IExtension
{
    private readonly ExtendedActorSystem _system;
    private readonly ConcurrentDictionary<(string Name, string ConfigPath, string Owner), Lazy<Lease>> _leases = new();

    public LeaseProvider(ExtendedActorSystem system)
    {
        _system = system;
        system.Settings.InjectTopLevelFallback(DefaultConfig());
    }

    public static Config DefaultConfig() =>
        ConfigurationFactory.FromResource("Akka.Coordination.coordination.conf", typeof(LeaseProvider).Assembly);

    public static LeaseProvider Get(ActorSystem system) =>
        system.WithExtension<LeaseProvider, LeaseProviderExtensionProvider>();

    /// <summary>The lease of that name for that owner; the same one each time.</summary>
    /// <param name="leaseName">The same for all that want the same lease.</param>
    /// <param name="configPath">The section of the implementation; it falls back to <c>akka.coordination.lease</c>.</param>
    /// <param name="ownerName">Another one for each that wants it.</param>
    /// <exception cref="ConfigurationException">The section is missing, or names no lease.</exception>
    public Lease GetLease(string leaseName, string configPath, string ownerName) =>
        _leases
            .GetOrAdd((leaseName, configPath, ownerName), key => new(() => Create(key.Name, key.ConfigPath, key.Owner)))
            .Value;

    private Lease Create(string leaseName, string configPath, string ownerName)
    {
        var all = _system.Settings.Config;
        var section =
            all.GetConfig(configPath)
            ?? throw new ConfigurationException(
                $"{configPath} is missing: it has to say what a lease is (lease-class)"
            );
        var config = section.WithFallback(all.GetConfig("akka.coordination.lease") ?? Config.Empty);
        var className = config.GetString("lease-class", "");
        if (Type.GetType(className) is not { } type || !typeof(Lease).IsAssignableFrom(type))
            throw new ConfigurationException($"{configPath}.lease-class is '{className}', which is no lease");
        var settings = LeaseSettings.Create(config, leaseName, ownerName);
        var takesSystem = type.GetConstructor([typeof(LeaseSettings), typeof(ExtendedActorSystem)]) is not null;
        object[] arguments = takesSystem ? [settings, _system] : [settings];
        try
        {
            return (Lease)Activator.CreateInstance(type, arguments)!;
        }
        catch (TargetInvocationException failed) when (failed.InnerException is { } cause)
        {
            throw new ConfigurationException(
                $"{configPath}: the lease {className} cannot be made: {cause.Message}",
                cause
            );
        }
    }
}

/// <summary>The id of <see cref="LeaseProvider"/>.</summary>
public sealed class LeaseProviderExtensionProvider : ExtensionIdProvider<LeaseProvider>
{
    /// <inheritdoc/>
    public override LeaseProvider CreateExtension(ExtendedActorSystem system) => new(system);
}
