namespace Akka.Persistence.Tests.Support;

public static class SqlSettings
{
    public static string For(string provider, string connectionString) =>
        $$"""

            akka.loglevel = WARNING
            akka.persistence {
              journal {
                plugin = "akka.persistence.journal.sql"
                sql {
                  class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
                  connection-string = "{{connectionString}}"
                  provider-name = "{{provider}}"
                  event-adapters { tagger = "Akka.Persistence.Tests.Support.Tagger, Akka.Persistence.Tests" }
                  event-adapter-bindings { "Akka.Persistence.Tests.Support.Added, Akka.Persistence.Tests" = tagger }
                }
              }
              snapshot-store {
                plugin = "akka.persistence.snapshot-store.sql"
                sql {
                  class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
                  connection-string = "{{connectionString}}"
                  provider-name = "{{provider}}"
                }
              }
              query.journal.sql {
                class = "Akka.Persistence.Sql.Query.SqlReadJournalProvider, Akka.Persistence.Sql"
                connection-string = "{{connectionString}}"
                provider-name = "{{provider}}"
                refresh-interval = 50ms
                max-buffer-size = 50
              }
            }
            akka.actor {
              ask-timeout = 20s
              serializers.test = "Akka.Persistence.Tests.Support.TestSerializer, Akka.Persistence.Tests"
              serialization-bindings { "Akka.Persistence.Tests.Support.IStored, Akka.Persistence.Tests" = test }
            }
            """;
}
