using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;

namespace EndToEnd;

/// <summary>What a <see cref="PersistentMachine"/> writes: so many blocks by turns, a flush after so many writes, a pause after each.</summary>
internal sealed record PersistentWork(int Blocks, int WritesPerFlush, TimeSpan Pause);

/// <summary>
/// A machine that writes blocks, flushes now and then, and never gives up: when its server is gone it goes to the next, or where
/// that one sends it, reads back every block that it has, and goes on. Each block says where it belongs and which write it was.
/// </summary>
internal sealed class PersistentMachine : IAsyncDisposable
{
    private const int BlockBytes = 4096;
    private const int IscsiPort = 3260;
    private const int NbdPort = 10809;

    /// <summary>A server that says nothing for so long is left.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_loginPatience = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan s_attempts = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    private readonly Func<Socket> _open;
    private readonly List<IPEndPoint> _servers;
    private readonly string _name;
    private readonly bool _isIscsi;
    private readonly PersistentWork _work;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _running;

    // Of each block: the last write that was tried, answered, and flushed.
    private readonly long[] _tried;
    private readonly long[] _written;
    private readonly long[] _flushed;

    private readonly ConcurrentQueue<long> _served = new();
    private long _answeredAt;
    private long _longestTicks;
    private long _writes;
    private int _logins;
    private int _errors;
    private bool _isDisconnected;
    private volatile IPEndPoint _at;

    /// <summary>One that writes without pause, unless told otherwise.</summary>
    /// <inheritdoc cref="PersistentMachine(Func{Socket}, IEnumerable{IPEndPoint}, string, bool, PersistentWork)"/>
    public PersistentMachine(
        NetNamespace inside,
        IEnumerable<string> servers,
        string name,
        bool isIscsi,
        PersistentWork? work = null
    )
        : this(
            () => inside.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)),
            servers.Select(s => new IPEndPoint(IPAddress.Parse(FarmLab.AddressOf(s)), isIscsi ? IscsiPort : NbdPort)),
            name,
            isIscsi,
            work ?? new(Blocks: 256, WritesPerFlush: 4, TimeSpan.Zero)
        ) { }

    /// <param name="open">A socket of this machine.</param>
    /// <param name="servers">In the order in which they are tried.</param>
    /// <param name="name">Of the disk.</param>
    public PersistentMachine(
        Func<Socket> open,
        IEnumerable<IPEndPoint> servers,
        string name,
        bool isIscsi,
        PersistentWork work
    )
    {
        (_open, _servers, _name, _isIscsi, _work) = (open, [.. servers], name, isIscsi, work);
        (_tried, _written, _flushed) = (new long[work.Blocks], new long[work.Blocks], new long[work.Blocks]);
        _at = _servers[0];
        _running = Task.Run(RunAsync);
    }

    /// <summary>The server that it is at, or was last.</summary>
    public string Server => FarmLab.NameOf(_at.Address.ToString());

    public int Logins => Volatile.Read(ref _logins);

    /// <summary>Requests that were answered by an error; a connection that ends fails none.</summary>
    public int Errors => Volatile.Read(ref _errors);

    /// <summary>When, after that time stamp, it had its first write answered at a server to which it came after it; null: not yet.</summary>
    public TimeSpan? ServedAgain(long after) =>
        _served.Where(at => at > after).Select(at => (TimeSpan?)Stopwatch.GetElapsedTime(after, at)).FirstOrDefault();

    /// <summary>The longest time between two answers, pauses aside, since this was asked last.</summary>
    public TimeSpan TakeLongestStall() => TimeSpan.FromTicks(Interlocked.Exchange(ref _longestTicks, 0));

    /// <summary>Waits until it wrote so many more blocks.</summary>
    public async Task GoesOnAsync(int writes = 64)
    {
        var before = Volatile.Read(ref _writes);
        await Eventually.TrueAsync(
            () => _running.IsCompleted || Volatile.Read(ref _writes) >= before + writes,
            s_limit
        );
        if (_running.IsCompleted)
            await _running;
    }

    /// <summary>Waits until it has logged in at such a server.</summary>
    public async Task UntilAsync(Func<string, bool> server)
    {
        await Eventually.TrueAsync(() => _running.IsCompleted || server(Server), s_limit);
        if (_running.IsCompleted)
            await _running;
    }

    /// <summary>Its connection breaks; it comes back at once.</summary>
    public void Disconnect() => Volatile.Write(ref _isDisconnected, true);

    /// <summary>Ends it; what was wrong with its disk comes out here.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        ICrowdDisk? disk = null;
        var (number, isNew) = (0L, true);
        _answeredAt = Stopwatch.GetTimestamp();
        try
        {
            while (!_ending.IsCancellationRequested)
            {
                try
                {
                    if (disk is not null && Interlocked.Exchange(ref _isDisconnected, false))
                        throw new IOException("disconnected");
                    if (disk is null)
                    {
                        disk = await LogInAsync();
                        isNew = true;
                        await CheckAsync(disk);
                    }
                    var block = (int)(number % _work.Blocks);
                    // What was not answered is written once more.
                    _tried[block] = number + 1;
                    await WithinAsync(c => disk.WriteAsync((long)block * BlockBytes, Content(block, number + 1), c));
                    _written[block] = ++number;
                    if (number % _work.WritesPerFlush == 0)
                    {
                        await WithinAsync(disk.FlushAsync);
                        _written.CopyTo(_flushed, 0);
                    }
                    Interlocked.Increment(ref _writes);
                    if (isNew)
                        _served.Enqueue(_answeredAt);
                    isNew = false;
                    if (_work.Pause > TimeSpan.Zero)
                        await PauseAsync(disk);
                }
                catch (Exception gone) when (gone is IOException or SocketException or TimeoutException)
                {
                    if (gone is RequestFailedException)
                        Interlocked.Increment(ref _errors);
                    if (disk is not null)
                        await disk.DisposeAsync();
                    disk = null;
                    // Whoever does not answer is asked last.
                    if (gone is TimeoutException)
                        GoOn("");
                }
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // Switched off.
        }
        finally
        {
            if (disk is not null)
                await disk.DisposeAsync();
        }
    }

    /// <summary>It ends at once when the server does.</summary>
    private async Task PauseAsync(ICrowdDisk disk)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        pause.CancelAfter(_work.Pause);
        try
        {
            await disk.UntilHeardAsync(pause.Token);
        }
        catch (OperationCanceledException) when (!_ending.IsCancellationRequested)
        {
            // Rested.
        }
        finally
        {
            _answeredAt = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Asks one server after the other, and whichever they name, until one takes it.</summary>
    private async Task<ICrowdDisk> LogInAsync()
    {
        while (true)
        {
            for (var i = 0; i < _servers.Count; i++)
            {
                _ending.Token.ThrowIfCancellationRequested();
                try
                {
                    var disk = await AttachAsync(_servers[0]);
                    _at = _servers[0];
                    Interlocked.Increment(ref _logins);
                    return disk;
                }
                catch (Exception refused) when (refused is IOException or SocketException or TimeoutException)
                {
                    GoOn(refused.Message);
                }
            }
            await Task.Delay(s_attempts, _ending.Token);
        }
    }

    /// <summary>To the server whose address is the last word of what the one before said, or to the next.</summary>
    private void GoOn(string said)
    {
        var tried = _servers[0];
        _servers.RemoveAt(0);
        _servers.Add(tried);
        if (IPEndPoint.TryParse(said.Split(' ')[^1], out var named) && _servers.Remove(named))
            _servers.Insert(0, named);
    }

    private async Task<ICrowdDisk> AttachAsync(IPEndPoint at)
    {
        ICrowdDisk? disk = null;
        await WithinAsync(
            async c =>
                disk = _isIscsi
                    ? await IscsiCrowdDisk.LogInAsync(
                        portal => ConnectAsync(portal, c),
                        at,
                        _name,
                        "iqn.2026-01.test:pc",
                        c
                    )
                    : await NbdCrowdDisk.LogInAsync(await ConnectAsync(at, c), _name, c),
            s_loginPatience
        );
        if (disk is IscsiCrowdDisk { Portal: var portal } && _servers.Remove(portal))
            _servers.Insert(0, portal);
        return disk!;
    }

    private async Task<NetworkStream> ConnectAsync(IPEndPoint to, CancellationToken cancellation)
    {
        var socket = _open();
        try
        {
            socket.NoDelay = true;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(s_patience);
            await socket.ConnectAsync(to, limit.Token);
            return new(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw new TimeoutException($"no connection to {to}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Every block is a whole one of this machine, no older than what was flushed of it and no newer than what was tried.</summary>
    private async Task CheckAsync(ICrowdDisk disk)
    {
        var read = new byte[BlockBytes];
        for (var block = 0; block < _work.Blocks; block++)
        {
            // Before its first flush the image's own bytes may be there.
            if (_flushed[block] == 0)
                continue;
            await WithinAsync(c => disk.ReadAsync((long)block * BlockBytes, read, c));
            var number = BinaryPrimitives.ReadInt64LittleEndian(read);
            var isOwn = read.AsSpan().SequenceEqual(Content(block, number));
            if (!isOwn || number < _flushed[block] || number > _tried[block])
                throw new InvalidOperationException(
                    $"block {block} at {Server}: write {number}, own: {isOwn}; flushed {_flushed[block]}, tried {_tried[block]}"
                );
        }
    }

    /// <summary>A request to the disk.</summary>
    private async Task WithinAsync(Func<CancellationToken, Task> step)
    {
        await WithinAsync(step, s_patience);
        var before = _answeredAt;
        _answeredAt = Stopwatch.GetTimestamp();
        _longestTicks = Math.Max(_longestTicks, Stopwatch.GetElapsedTime(before, _answeredAt).Ticks);
    }

    private async Task WithinAsync(Func<CancellationToken, Task> step, TimeSpan patience)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        limit.CancelAfter(patience);
        try
        {
            await step(limit.Token);
        }
        catch (OperationCanceledException) when (!_ending.IsCancellationRequested)
        {
            throw new TimeoutException($"{Server} does not answer");
        }
    }

    private static byte[] Content(int block, long number)
    {
        var bytes = new byte[BlockBytes];
        new Random(HashCode.Combine(block, number)).NextBytes(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return bytes;
    }
}
