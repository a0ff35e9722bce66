namespace Hatchery.Disks;

/// <summary>
/// Whether a store's disk still takes what is written. One that does not is lost, with all that was open on it, until it does again; a file system that has
/// to be mounted anew does so for another process only, as this one has its lock. Thread-safe.
/// </summary>
/// <param name="lockFile">Open as long as the store is: another one in its place, or none, is another store.</param>
internal sealed class StoreHealth(string path, string lockFile, IFileSystem files, Action<StoreFault> onLost)
{
    private const string ProbeName = "probe";

    private static readonly byte[] s_probe = new byte[512];

    private readonly string _place = FileIdentity.PlaceOf(lockFile);
    private readonly Lock _gate = new();
    private volatile StoreFault? _loss;
    private int _isLooking;

    /// <summary>Why nothing of the store is used any more; null: it is well, as far as is known.</summary>
    public StoreFault? Loss => _loss;

    /// <summary>Something could not be read or written: whether that is all of the store is looked at, beside whoever says so.</summary>
    /// <param name="otherwise">What to do where it is not.</param>
    public void Suspect(Action? otherwise = null)
    {
        if (_loss is not null || Interlocked.Exchange(ref _isLooking, 1) != 0)
            return;
        _ = Task.Run(() =>
        {
            var loss = Look();
            Interlocked.Exchange(ref _isLooking, 0);
            if (loss is null)
                otherwise?.Invoke();
        });
    }

    /// <summary>Whether a little is written and synced. Blocks for as long as the disk does.</summary>
    public bool TakesWrites()
    {
        lock (_gate)
            return TryProbe(out var reason) && reason is null;
    }

    /// <summary>Writes and syncs a little, and says what is wrong where that fails. Blocks for as long as the disk does.</summary>
    public StoreFault? Look()
    {
        lock (_gate)
        {
            if (!TryProbe(out var reason))
                return _loss;
            if (reason is null)
                return _loss = null;
            if (_loss is not null)
                return _loss;
            _loss = new(
                StoreFaultKind.StoreLost,
                path,
                $"the store is lost ({reason}); nothing of it is used until it takes writes again"
            );
            onLost(_loss);
            return _loss;
        }
    }

    /// <param name="reason">Null: the disk is well.</param>
    /// <returns>False: nothing was seen of it.</returns>
    private bool TryProbe(out string? reason)
    {
        reason = null;
        try
        {
            if (FileIdentity.PlaceOf(lockFile) != _place)
            {
                reason = "another folder lies in its place";
                return true;
            }
            using var file = files.Create(Path.Combine(path, ProbeName));
            file.Write([s_probe], 0);
            file.Sync();
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            reason = "its folder is not there any more";
        }
        catch (IOException error) when (error.IsShortage())
        {
            return false;
        }
        catch (IOException error)
        {
            reason = $"its disk fails: {error.Message}";
        }
        return true;
    }
}
