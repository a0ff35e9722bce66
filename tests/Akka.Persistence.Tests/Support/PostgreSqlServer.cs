using System.Diagnostics;
using Hatchery.Testing;

namespace Akka.Persistence.Tests.Support;

/// <summary>A PostgreSQL server of Debian's in a folder of its own, on a socket in it, for the tests of one class.</summary>
public sealed class PostgreSqlServer : IDisposable
{
    private readonly TempFolder _folder = new();

    public PostgreSqlServer()
    {
        if (Programs is null)
            return;
        Run($"chmod 777 {_folder.Path}", asServer: false);
        Run($"{Programs}/initdb -D {_folder["data"]} -A trust -U postgres");
        Run(
            $"{Programs}/pg_ctl -D {_folder["data"]} -l {_folder["log"]} -w "
                + $"-o '-k {_folder.Path} -c listen_addresses= -c shared_buffers=16MB' start"
        );
    }

    /// <summary>The folder of the newest server installed, or null.</summary>
    public static string? Programs { get; } =
        Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .Order()
                .Select(d => $"{d}/bin")
                .LastOrDefault(Directory.Exists)
            : null;

    public string ConnectionString => $"Host={_folder.Path};Username=postgres;Database=postgres;Pooling=true";

    public void Dispose()
    {
        if (Programs is not null)
            Run($"{Programs}/pg_ctl -D {_folder["data"]} -m immediate -w stop");
        _folder.Dispose();
    }

    // The server refuses to run as root.
    private static void Run(string command, bool asServer = true)
    {
        var asPostgres = asServer && Environment.UserName is "root";
        var start = new ProcessStartInfo(asPostgres ? "runuser" : "sh") { UseShellExecute = false };
        foreach (var argument in asPostgres ? ["-u", "postgres", "--", "sh"] : Array.Empty<string>())
            start.ArgumentList.Add(argument);
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command + " > /dev/null 2>&1");
        using var process = Process.Start(start)!;
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)) || process.ExitCode != 0)
            throw new InvalidOperationException($"failed: {command}");
    }
}

/// <summary>A test that needs a PostgreSQL server; without one it is skipped.</summary>
public sealed class PostgreSqlFactAttribute : FactAttribute
{
    public PostgreSqlFactAttribute()
    {
        if (PostgreSqlServer.Programs is null)
            Skip = "needs initdb and pg_ctl (Debian: postgresql)";
    }
}
