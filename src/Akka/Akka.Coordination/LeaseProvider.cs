using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Coordination;

/// <summary>Makes the leases of a system, each once.</summary>
public class LeaseProvider : IExtension
{
    private readonly ConcurrentDictionary<(string Name, string Path, string Owner), Lazy<Lease>> _leases = new();
    private readonly ExtendedActorSystem _system;

    /// <summary>Made by the system.</summary>
    public LeaseProvider(ExtendedActorSystem system)
    {
        _system = system;
        system.Settings.InjectTopLevelFallback(DefaultConfig());
    }

    /// <summary>The defaults.</summary>
    public static Config DefaultConfig() =>
        ConfigurationFactory.FromResource("Akka.Coordination.coordination.conf", typeof(LeaseProvider).Assembly);

    /// <summary>The leases of a system.</summary>
    public static LeaseProvider Get(ActorSystem system) =>
        system.WithExtension<LeaseProvider, LeaseProviderExtensionProvider>();

    /// <summary>The lease of that name, for that owner.</summary>
    /// <param name="leaseName">What is held.</param>
    /// <param name="configPath">The path of the section that names the implementation.</param>
    /// <param name="ownerName">Who holds it.</param>
    /// <exception cref="ConfigurationException">The section names no implementation, or none that can be made.</exception>
    public Lease GetLease(string leaseName, string configPath, string ownerName) =>
        _leases
            .GetOrAdd(
                (leaseName, configPath, ownerName),
                key => new Lazy<Lease>(() => Create(key.Name, key.Path, key.Owner))
            )
            .Value;

    private Lease Create(string leaseName, string configPath, string ownerName)
    {
        var section =
            _system.Settings.Config.GetConfig(configPath)
            ?? throw new ConfigurationException($"There is no section [{configPath}] for the lease [{leaseName}]");
        var config = section.WithFallback(_system.Settings.Config.GetConfig("akka.coordination.lease"));
        var className = config.GetString("lease-class", "");
        if (className.Length == 0)
            throw new ConfigurationException(
                $"{configPath}.lease-class is empty: name the type of the lease [{leaseName}]"
            );
        if (Type.GetType(className) is not { } type || !typeof(Lease).IsAssignableFrom(type))
            throw new ConfigurationException($"{configPath}.lease-class: [{className}] is no type of a lease");
        var settings = LeaseSettings.Create(config, leaseName, ownerName);
        object[] arguments = type.GetConstructor([typeof(LeaseSettings), typeof(ExtendedActorSystem)]) is not null
            ? [settings, _system]
            : [settings];
        try
        {
            return (Lease)Activator.CreateInstance(type, arguments)!;
        }
        catch (MissingMethodException cause)
        {
            throw new ConfigurationException(
                $"{configPath}.lease-class: [{className}] needs a constructor that takes LeaseSettings, or LeaseSettings and ExtendedActorSystem",
                cause
            );
        }
    }
}

/// <summary>The id of <see cref="LeaseProvider"/>.</summary>
public class LeaseProviderExtensionProvider : ExtensionIdProvider<LeaseProvider>
{
    /// <inheritdoc/>
    public override LeaseProvider CreateExtension(ExtendedActorSystem system) => new(system);
}
