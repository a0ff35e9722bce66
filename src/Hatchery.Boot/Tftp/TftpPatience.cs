namespace Hatchery.Boot.Tftp;

/// <summary>A time limit that begins anew with each wait: a transfer waits once a block, so it allocates only after it has struck.</summary>
internal sealed class TftpPatience(TimeSpan limit, TimeProvider time, CancellationToken stop) : IDisposable
{
    private CancellationTokenSource? _source;
    private CancellationTokenRegistration _stopping;

    /// <summary>Cancelled when the limit is over or the service stops; good until the next call.</summary>
    public CancellationToken Begin()
    {
        if (_source?.TryReset() != true)
        {
            Dispose();
            _source = new CancellationTokenSource(limit, time);
            _stopping = stop.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        }
        _source.CancelAfter(limit);
        return _source.Token;
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _source?.Dispose();
    }
}
