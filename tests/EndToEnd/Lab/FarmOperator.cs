using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Hatchery.Testing;
using Pbm;

namespace EndToEnd;

/// <summary>An operator at one server who stays connected: a command takes no program of its own, and several may be under way.</summary>
internal sealed class FarmOperator(NetNamespace inside) : IAsyncDisposable
{
    /// <summary>Half of what a server lets one address have (petabridge.cmd.connections-per-address-max).</summary>
    private const int CommandsMax = 16;

    private readonly ConcurrentBag<HostConnection> _idle = [];
    private readonly SemaphoreSlim _places = new(CommandsMax);

    /// <summary>Runs one command. True when it was carried out.</summary>
    public async Task<bool> TryAsync(params string[] words) => await AskAsync(words) is not null;

    /// <summary>Runs one command. Returns what it said; null: it was not carried out.</summary>
    public async Task<string?> AskAsync(params string[] words)
    {
        await _places.WaitAsync();
        try
        {
            return await RunAsync(words);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<string?> RunAsync(string[] words)
    {
        if (!_idle.TryTake(out var connection))
            // The socket is made inside, and connected from anywhere.
            connection = await HostConnection.OpenAsync(
                inside.Run(() => new TcpClient(AddressFamily.InterNetwork)),
                "127.0.0.1",
                ServerProcess.CommandPort
            );
        var said = new StringBuilder();
        var outcome = await connection.RunAsync(words, part => said.Append(part.Text), CancellationToken.None);
        _idle.Add(connection);
        return outcome == "done" ? said.ToString() : null;
    }

    public async ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out var connection))
            await connection.DisposeAsync();
        _places.Dispose();
    }
}
