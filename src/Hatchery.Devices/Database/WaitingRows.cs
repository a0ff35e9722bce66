using System.Data.Common;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Hatchery.Devices;

/// <summary>
/// Rows on their way into the farm database, written in bulk. With the database slow or away they wait, and of more than so many the oldest are dropped and
/// counted: nobody waits for them.
/// </summary>
internal sealed class WaitingRows<T> : IAsyncDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    private readonly string _what;
    private readonly Func<IReadOnlyList<T>, Task> _insert;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly int _batchMax;
    private readonly Channel<T> _rows;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _writing;
    private volatile int _refused;
    private long _dropped;
    private long _saidDropped;

    /// <param name="what">They are, for the log: in the plural.</param>
    /// <param name="insert">Writes some of them, in one transaction.</param>
    /// <param name="waitingMax">Rows held while the database does not take them, beside those of one batch.</param>
    /// <param name="isLoss">Whether something is lost with a row that is dropped; null: with each.</param>
    public WaitingRows(
        string what,
        Func<IReadOnlyList<T>, Task> insert,
        ILogger log,
        TimeProvider time,
        int waitingMax,
        int batchMax,
        Predicate<T>? isLoss = null
    )
    {
        (_what, _insert, _log, _time, _batchMax) = (what, insert, log, time, batchMax);
        _rows = Channel.CreateBounded<T>(
            new BoundedChannelOptions(waitingMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            row =>
            {
                if (isLoss?.Invoke(row) != false)
                    Interlocked.Increment(ref _dropped);
            }
        );
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Rows that the database has not taken and is asked to take again; 0 while it answers.</summary>
    public int Waiting => _refused > 0 ? _refused + _rows.Reader.Count : 0;

    /// <summary>Rows that were lost.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Fewer wait than go in one batch.</summary>
    public bool HasRoom => _rows.Reader.Count < _batchMax;

    public void Add(T row) => _rows.Writer.TryWrite(row);

    /// <summary>Writes what there is; what the database does not take now is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        _rows.Writer.TryComplete();
        await _ending.CancelAsync();
        await _writing;
    }

    private async Task WriteAsync()
    {
        var batch = new List<T>(_batchMax);
        while (await _rows.Reader.WaitToReadAsync())
        {
            while (batch.Count < _batchMax && _rows.Reader.TryRead(out var row))
                batch.Add(row);
            await InsertUntilTakenAsync(batch);
            batch.Clear();
            _refused = 0;
            if (Dropped is var dropped && dropped > _saidDropped)
            {
                Log.RowsDropped(_log, dropped - _saidDropped, _what);
                _saidDropped = dropped;
            }
        }
    }

    private async Task InsertUntilTakenAsync(List<T> batch)
    {
        for (var pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                await _insert(batch);
                return;
            }
            catch (Exception away) when (IsAway(away) && _ending.IsCancellationRequested)
            {
                Log.RowsNotWritten(_log, away, batch.Count, _what);
                return;
            }
            catch (Exception away) when (IsAway(away))
            {
                _refused = batch.Count;
                if (pause == s_firstPause)
                    Log.RowsWait(_log, _what, away.Message);
            }
            await Task.Delay(pause, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A connection that cannot be opened fails as what lies beneath it does.</summary>
    private static bool IsAway(Exception cause) =>
        cause is DbException or SocketException or TimeoutException or IOException;
}
