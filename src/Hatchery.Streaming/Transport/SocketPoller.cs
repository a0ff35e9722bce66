using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Hatchery.Streaming.Transport;

/// <summary>One thread that says when sockets are ready: each once, after it was asked about, so a busy socket costs it nothing.</summary>
internal sealed unsafe class SocketPoller
{
    private const int EventsAtOnce = 128;

    private static readonly Lazy<SocketPoller> s_shared = new(() => new());

    private readonly ConcurrentDictionary<long, PolledSocket> _sockets = new();
    private readonly int _epoll;
    private long _lastId;

    private SocketPoller()
    {
        _epoll = SocketCalls.EpollCreate(SocketCalls.EpollCloseOnExec);
        if (_epoll < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        new Thread(Loop) { IsBackground = true, Name = "hatchery-sockets" }.Start();
    }

    /// <summary>The process's only one; it never ends.</summary>
    public static SocketPoller Shared => s_shared.Value;

    public long Add(PolledSocket socket)
    {
        var id = Interlocked.Increment(ref _lastId);
        _sockets[id] = socket;
        return id;
    }

    /// <summary>Asks for one call of <see cref="PolledSocket.Ready"/>.</summary>
    public bool TryControl(int operation, SafeHandle handle, long id, uint events)
    {
        var entry = stackalloc byte[SocketCalls.EpollEventBytes];
        *(uint*)entry = events | SocketCalls.EpollOneShot;
        *(long*)(entry + SocketCalls.EpollDataOffset) = id;
        return SocketCalls.EpollControl(_epoll, operation, handle, entry) == 0;
    }

    public void Remove(long id) => _sockets.TryRemove(id, out _);

    private void Loop()
    {
        var events = stackalloc byte[EventsAtOnce * SocketCalls.EpollEventBytes];
        while (true)
        {
            // An interrupted wait has nothing to say.
            var count = SocketCalls.EpollWait(_epoll, events, EventsAtOnce, timeout: -1);
            for (var i = 0; i < count; i++)
            {
                var entry = events + (i * SocketCalls.EpollEventBytes);
                if (_sockets.TryGetValue(*(long*)(entry + SocketCalls.EpollDataOffset), out var socket))
                    socket.Ready(*(uint*)entry);
            }
        }
    }
}
