using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Streaming;

/// <summary>
/// The disk of a device that has its write cache itself: layers that never change, so nothing has to be confirmed, copied or fenced, and two servers that
/// stream it at once do no harm.
/// </summary>
internal sealed class ReadOnlySession : ISessionDisk, IMirroredCopies
{
    private readonly Action<ReadOnlySession> _ended;
    private volatile bool _isFaulty;
    private int _isClosed;

    /// <param name="onFault">Called once.</param>
    public ReadOnlySession(
        SessionRow row,
        IBlockReader image,
        Action<StoreFault> onFault,
        Action<ReadOnlySession> ended
    )
    {
        (Row, _ended) = (row, ended);
        Disk = new ReadOnlyDisk(
            image,
            fault =>
            {
                if (_isFaulty)
                    return;
                _isFaulty = true;
                onFault(fault);
            }
        );
    }

    public IDisk Disk { get; }

    public SessionRow Row { get; }

    public bool IsJoining => false;

    /// <summary>Another server may have the image undamaged.</summary>
    public bool GoesOnElsewhere => _isFaulty;

    public void Start() { }

    public Task<bool> ConfirmAsync(CancellationToken cancellation) => Task.FromResult(true);

    public Task PrepareMoveAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>There are no copies.</summary>
    public void Want(IReadOnlySet<string> unwanted, string? target) { }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
            _ended(this);
        return ValueTask.CompletedTask;
    }
}
