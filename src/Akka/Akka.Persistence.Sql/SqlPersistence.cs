using Akka.Actor;
using Akka.Configuration;

namespace Akka.Persistence.Sql;

/// <summary>The defaults of the SQL plugins; as an extension it puts them below an actor system's configuration.</summary>
public sealed class SqlPersistence : IExtension
{
    public const string JournalConfigPath = "akka.persistence.journal.sql";
    public const string SnapshotStoreConfigPath = "akka.persistence.snapshot-store.sql";
    public const string QueryConfigPath = "akka.persistence.query.journal.sql";

    public static readonly Config DefaultConfiguration = ConfigurationFactory.FromResource(
        "Akka.Persistence.Sql.persistence.conf",
        typeof(SqlPersistence).Assembly
    );

    public static readonly Config DefaultJournalConfiguration = DefaultConfiguration.GetConfig(JournalConfigPath)!;

    public static readonly Config DefaultSnapshotConfiguration = DefaultConfiguration.GetConfig(
        SnapshotStoreConfigPath
    )!;

    public static readonly Config DefaultQueryConfiguration = DefaultConfiguration.GetConfig(QueryConfigPath)!;

    public SqlPersistence(ActorSystem system) => system.Settings.InjectTopLevelFallback(DefaultConfiguration);

    public static SqlPersistence Get(ActorSystem system) =>
        system.WithExtension<SqlPersistence, SqlPersistenceProvider>();

    internal static string? SerializerName(Config config) =>
        config.GetString("serializer") is { Length: > 0 } name && !string.Equals(name, "null", StringComparison.Ordinal)
            ? name
            : null;
}

/// <summary>Makes <see cref="SqlPersistence"/>.</summary>
public sealed class SqlPersistenceProvider : ExtensionIdProvider<SqlPersistence>
{
    public override SqlPersistence CreateExtension(ExtendedActorSystem system) => new(system);
}
