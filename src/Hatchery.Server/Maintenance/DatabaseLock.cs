using Microsoft.Win32.SafeHandles;

namespace Hatchery.Server;

/// <summary>Keeps a second server off the embedded database: both would be the keepers of the same devices.</summary>
internal sealed class DatabaseLock : IAsyncDisposable
{
    private const int WouldBlock = 11; // EWOULDBLOCK

    private readonly SafeFileHandle _file;

    private DatabaseLock(SafeFileHandle file) => _file = file;

    /// <exception cref="IOException">Another server has it, or the folder cannot be written; the message is one line for an operator.</exception>
    public static DatabaseLock Take(string databaseFile)
    {
        try
        {
            return new(
                File.OpenHandle(databaseFile + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
            );
        }
        catch (IOException taken) when (taken.HResult == WouldBlock)
        {
            throw new IOException(
                $"another server uses the farm database {databaseFile}: stop it, or give this one a data-folder of its own",
                taken
            );
        }
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
