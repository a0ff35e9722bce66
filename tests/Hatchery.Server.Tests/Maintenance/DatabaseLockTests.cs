using Hatchery.Testing;

namespace Hatchery.Server.Tests;

public sealed class DatabaseLockTests
{
    [Fact]
    public async Task Second_server_on_the_same_database_is_told_so_and_the_next_one_gets_it()
    {
        using var folder = new TempFolder();
        await using (DatabaseLock.Take(folder["farm.db"]))
        {
            var refused = Assert.Throws<IOException>(() => DatabaseLock.Take(folder["farm.db"]));
            Assert.Contains("another server", refused.Message, StringComparison.Ordinal);
        }
        await DatabaseLock.Take(folder["farm.db"]).DisposeAsync();
    }
}
