using System.Net;
using System.Net.Sockets;
using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Replication;

/// <summary>Gives this server's images out to the other servers of the farm, and to nobody else.</summary>
/// <param name="checks">Null: it checks nothing for others.</param>
public sealed class ImageServer(
    IPEndPoint at,
    ReplicationIdentity identity,
    Store store,
    ReplicationOptions options,
    TimeProvider time,
    ILogger<ImageServer> log,
    ImageChecks? checks = null
) : IAsyncDisposable
{
    private readonly ServiceCap _cap = new("replication", options.ConnectionsMax, options.ConnectionsPerAddressMax);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket _listener = new(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _connections = [];
    private Task _accepting = Task.CompletedTask;

    public ServiceUse Use => _cap.Use;

    /// <summary>Where it listens, once it was started.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <exception cref="IOException">The address or port cannot be had.</exception>
    public void Start()
    {
        try
        {
            _listener.Bind(at);
            _listener.Listen();
        }
        catch (SocketException error)
        {
            throw new IOException($"cannot serve replication at {at}: {error.Message}", error);
        }
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Task[] open;
        lock (_gate)
            open = [.. _connections];
        await Task.WhenAll(open);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stopping.Token);
            }
            catch (SocketException) when (!_stopping.IsCancellationRequested)
            {
                // Gone before it was taken, or out of descriptors, which come back.
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, CancellationToken.None);
                continue;
            }
            catch (Exception stopped)
                when (stopped is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
            var connection = ServeAsync(socket);
            lock (_gate)
                _connections.Add(connection);
            _ = connection.ContinueWith(
                ended =>
                {
                    lock (_gate)
                        _connections.Remove(ended);
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default
            );
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        using var _ = socket;
        var remote = socket.RemoteEndPoint as IPEndPoint ?? at;
        using var place = _cap.TryEnter(remote.Address, out var refusal);
        if (place is null)
        {
            Log.Refused(log, remote, refusal!);
            return;
        }
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        place.OnEvicted(() => Cancel(ending));
        try
        {
            socket.NoDelay = true;
            await new ImageConnection(socket, remote, identity, store, options, time, log, checks).RunAsync(
                () => place.SetIdle(false),
                ending.Token
            );
        }
        catch (OperationCanceledException)
        {
            // Stopping, or its place was needed.
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
        {
            Log.Gone(log, remote, gone.Message);
        }
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }
}
