using Akka.Actor;
using Akka.Configuration;

namespace Akka.Persistence;

/// <summary>The extension that finds journals and snapshot stores by their HOCON path.</summary>
public sealed class Persistence : ExtensionIdProvider<PersistenceExtension>
{
    public static Persistence Instance { get; } = new();

    public static Config DefaultConfig() =>
        ConfigurationFactory.FromResource("Akka.Persistence.persistence.conf", typeof(Persistence).Assembly);

    public override PersistenceExtension CreateExtension(ExtendedActorSystem system) => new(system);
}
