using System.Diagnostics;
using Xunit;

namespace Hatchery.Testing;

/// <summary>
/// A PostgreSQL server of Debian's in a folder of its own, on a socket in it, as the user postgres where the tests run as root. It ends,
/// and its folder goes, with the test process, however that ends: a shell beside it waits for the end of its input.
/// </summary>
/// <remarks>One in a network namespace is at an address there, too, so that who is cut off is cut off from it.</remarks>
public sealed class PostgreSqlServer : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly Lazy<PostgreSqlServer> s_shared = new(() => new PostgreSqlServer());

    private readonly string _folder;
    private readonly string? _inside;
    private readonly string _address;
    private Process? _guard;
    private int _databases;

    public PostgreSqlServer()
        : this(inside: null, "") { }

    /// <param name="name">Of a network namespace.</param>
    /// <param name="address">Of that.</param>
    public static PostgreSqlServer Inside(string name, string address) => new(name, address);

    private PostgreSqlServer(string? inside, string address)
    {
        (_inside, _address) = (inside, address);
        _folder = Directory.CreateTempSubdirectory("hatchery-postgresql-").FullName;
        if (Programs is null)
            return;
        if (Environment.IsPrivilegedProcess)
            Run($"chown postgres: {_folder}", asServer: false);
        Run($"{Programs}/initdb -D {Data} -A trust -U postgres -E UTF8 --locale=C.UTF-8 -N");
        if (inside is not null)
            Run($"(echo host all all {address}/24 trust >>{Data}/pg_hba.conf)");
        Start();
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

    /// <summary>One for all tests of a process that do not stop it.</summary>
    public static PostgreSqlServer Shared => s_shared.Value;

    public string ConnectionString => ConnectionTo("postgres");

    /// <summary>Of its socket, which is there for programs in any namespace.</summary>
    public string SocketFolder => _folder;

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Makes an empty database. Returns how to connect to it.</summary>
    public string NewDatabase()
    {
        var name = $"farm{Interlocked.Increment(ref _databases)}";
        Run($"{Programs}/psql -q -h {_folder} -U postgres -c 'CREATE DATABASE {name}' postgres", asServer: false);
        return ConnectionTo(name);
    }

    /// <summary>Ends it at once, as a host that dies does; connections break.</summary>
    public void Stop()
    {
        if (_guard is null)
            return;
        // Without a word it would take the folder along.
        _guard.StandardInput.WriteLine("stop");
        _guard.StandardInput.Close();
        if (!_guard.WaitForExit(s_limit))
            throw new TimeoutException("PostgreSQL does not end");
        _guard.Dispose();
        _guard = null;
    }

    public void Start()
    {
        // SIGQUIT to postgres is an immediate shutdown.
        var server =
            $"{Programs}/postgres -D {Data} -k {_folder} -c listen_addresses={_address} -c shared_buffers=16MB -c max_connections=200 "
            + $"-F >>{_folder}/log 2>&1 & pid=$!; read -r word; kill -QUIT $pid; wait $pid; "
            + $"[ -n \"$word\" ] || rm -rf {_folder}; exit 0";
        _guard = Process.Start(Shell(server, asServer: true, _inside))!;
        var waited = Stopwatch.StartNew();
        while (!TryRun($"{Programs}/pg_isready -q -h {_folder}", asServer: false))
        {
            if (waited.Elapsed > s_limit || _guard.HasExited)
                throw new InvalidOperationException($"PostgreSQL does not start: {File.ReadAllText(_folder + "/log")}");
        }
    }

    public void Dispose()
    {
        Stop();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private string ConnectionTo(string database) =>
        $"Host={(_inside is null ? _folder : _address)};Username=postgres;Database={database};Pooling=true";

    private static void Run(string command, bool asServer = true)
    {
        if (!TryRun(command, asServer))
            throw new InvalidOperationException($"failed: {command}");
    }

    private static bool TryRun(string command, bool asServer)
    {
        using var process = Process.Start(Shell(command + " >/dev/null 2>&1", asServer))!;
        process.StandardInput.Close();
        return process.WaitForExit(s_limit) && process.ExitCode == 0;
    }

    // The server refuses to run as root.
    private static ProcessStartInfo Shell(string command, bool asServer, string? inside = null)
    {
        string[] shell = ["sh", "-c", command];
        if (asServer && Environment.IsPrivilegedProcess)
            shell = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", .. shell];
        if (inside is not null)
            shell = ["ip", "netns", "exec", inside, .. shell];
        return new(shell[0], shell[1..]) { UseShellExecute = false, RedirectStandardInput = true };
    }
}

/// <summary>A test that needs a PostgreSQL server; without one it is skipped.</summary>
public sealed class PostgreSqlFactAttribute : FactAttribute
{
    public PostgreSqlFactAttribute()
    {
        if (PostgreSqlServer.Programs is null)
            Skip = "needs initdb and postgres (Debian: postgresql)";
    }
}
