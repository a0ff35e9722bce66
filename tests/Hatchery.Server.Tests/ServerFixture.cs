using Hatchery.Testing;

namespace Hatchery.Server.Tests;

/// <summary>One real server in a network namespace of its own, whose only interface is loopback.</summary>
internal sealed class ServerFixture : IAsyncDisposable
{
    private readonly NetNamespace _inside;
    private readonly List<ServerProcess> _servers = [];

    private ServerFixture(NetNamespace inside) => _inside = inside;

    public TempFolder Folder { get; } = new();

    public static async Task<ServerFixture> CreateAsync() => new(await NetNamespace.CreateAsync());

    /// <param name="settings">HOCON beside the data folder.</param>
    /// <param name="data">Below <see cref="Folder"/>, or a whole path.</param>
    public ServerProcess Server(string settings = "", string data = "data")
    {
        var file = Folder[$"{_servers.Count}.conf"];
        File.WriteAllText(file, $"hatchery.data-folder = \"{Path.Combine(Folder.Path, data)}\"\n{settings}\n");
        var server = new ServerProcess(file, new Dictionary<string, string>(StringComparer.Ordinal), _inside);
        _servers.Add(server);
        return server;
    }

    /// <summary>Runs a server that cannot run. Returns its exit code and what it said.</summary>
    public async Task<(int ExitCode, string Said)> RunToItsEndAsync(ServerProcess server)
    {
        await server.StartWithoutWaitingAsync();
        var code = await server.Process.WaitForExitAsync(TimeSpan.FromSeconds(60));
        return (code, string.Join('\n', server.Process.Output.Lines));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        await _inside.DisposeAsync();
        Folder.Dispose();
    }
}
