using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Hatchery.Disks;

/// <summary>
/// Imports and exports that may be interrupted: each has a folder <c>tmp/KEY</c> with its record and progress, which the same command
/// finds again, also after a kill of the server; an export has another beside its target, where its file grows.
/// </summary>
public sealed partial class Store
{
    /// <summary>How long after its last progress an interrupted transfer waits for its command to be given again, unless told otherwise.</summary>
    public static readonly TimeSpan KeepInterrupted = TimeSpan.FromDays(1);

    private const string SlicesName = "slices";

    private readonly ConcurrentDictionary<string, RunningTransfer> _running = new(StringComparer.Ordinal);

    /// <summary>Every import and export that is under way or was interrupted.</summary>
    public IReadOnlyList<ImageTransfer> ListTransfers() =>
        [
            .. new DirectoryInfo(TemporaryPath)
                .EnumerateDirectories()
                .Select(f => TransferRecord.TryRead(f.FullName) is { } record ? Describe(record, f.Name) : null)
                .OfType<ImageTransfer>()
                .OrderBy(t => t.StartedAt),
        ];

    /// <summary>Ends the transfers of a vDisk and forgets those that were interrupted; nothing of them is left.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> CancelTransfersAsync(string name)
    {
        var count = 0;
        foreach (var folder in new DirectoryInfo(TemporaryPath).EnumerateDirectories())
        {
            if (
                TransferRecord.TryRead(folder.FullName)
                    is not { Kind: not (ImageTransferKind.Replica or ImageTransferKind.Capture) } record
                || record.Name != name
            )
                continue;
            // Nobody begins it anew while it is deleted.
            using var deleting = new RunningTransfer(folder.FullName, null, CancellationToken.None);
            var running = _running.GetOrAdd(folder.Name, deleting);
            if (running != deleting)
                await running.DiscardAsync();
            else
                Finish(folder.Name, deleting, isKept: false);
            count++;
        }
        return count;
    }

    /// <summary>One transfer of a key at a time. What it did is kept when it is cancelled, unless an operator gave it up.</summary>
    private async Task<StoreOutcome<T>> TransferAsync<T>(
        string key,
        string about,
        Func<RunningTransfer, Task<StoreOutcome<T>>> transfer,
        IProgress<int>? progress,
        CancellationToken cancellation
    )
        where T : class
    {
        using var running = new RunningTransfer(Path.Combine(TemporaryPath, key), progress, cancellation);
        if (!_running.TryAdd(key, running))
            return new StoreFault(StoreFaultKind.InUse, about, "this is under way already: see pbm vdisk transfers");
        var keep = false;
        try
        {
            return await transfer(running);
        }
        catch (OperationCanceledException) when (running.IsDiscarded)
        {
            return new StoreFault(StoreFaultKind.Cancelled, about, "cancelled by an operator; nothing of it is left");
        }
        catch (OperationCanceledException)
        {
            keep = true;
            throw;
        }
        catch (IOException error)
        {
            return StoreFault.From(error, about);
        }
        catch (UnauthorizedAccessException error)
        {
            return new StoreFault(StoreFaultKind.IoError, about, error.Message);
        }
        finally
        {
            Finish(key, running, keep || running.IsKept || !running.IsBegun);
        }
    }

    private void Finish(string key, RunningTransfer transfer, bool isKept)
    {
        try
        {
            if (!isKept)
                ForgetTransfer(transfer.Folder);
        }
        finally
        {
            _running.TryRemove(key, out _);
            transfer.End();
        }
    }

    /// <summary>
    /// Makes a transfer's folder ready: as it was left, when it is of the same proof, or empty. Tells the operator which of the two.
    /// </summary>
    /// <returns>Whether it continues.</returns>
    private bool Resume(RunningTransfer running, TransferRecord wanted, Action<string>? notice)
    {
        if (TransferRecord.TryRead(running.Folder) is { } record)
        {
            if (record.Proof == wanted.Proof && record.Path == wanted.Path)
                return running.IsBegun = true;
            notice?.Invoke(
                record.Path == wanted.Path
                    ? "starts over: what it is made of has changed since it was interrupted"
                    : $"starts over: what was interrupted was of {record.Path}"
            );
        }
        Begin(running, wanted);
        return false;
    }

    private void Begin(RunningTransfer running, TransferRecord record)
    {
        var folder = running.Folder;
        running.IsBegun = true;
        ForgetTransfer(folder);
        Directory.CreateDirectory(folder);
        using (var file = _files.Create(Path.Combine(folder, TransferRecord.FileName)))
        {
            file.Write([record.ToJson()], 0);
            file.Sync();
        }
        _files.SyncFolder(folder);
        _files.SyncFolder(TemporaryPath);
    }

    private ImageTransfer Describe(TransferRecord record, string key)
    {
        var progress =
            record.Kind != ImageTransferKind.Export
                ? new TransferProgress(Path.Combine(TemporaryPath, key, ChunksName), ImageChunks.HashBytes)
                : new TransferProgress(Path.Combine(TemporaryPath, key, SlicesName), 1);
        var isRunning = _running.TryGetValue(key, out var running);
        var percent = running?.Percent ?? (int)(100 * progress.Count() / Math.Max(record.Units, 1));
        return new(record.Kind, record.Name, record.Path, record.Format, percent, isRunning, record.StartedAt);
    }

    private static string TransferKey(ImageTransferKind kind, string of) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\0{of}")).AsSpan(0, 16));

    /// <summary>Deletes a transfer's folder, and the one that its export works in; another folder than that is never touched.</summary>
    private static void ForgetTransfer(string folder)
    {
        var work = TransferRecord.TryRead(folder)?.WorkFolder;
        if (
            work is not null
            && Path.GetFileName(work) == ExportFolderPrefix + Path.GetFileName(folder)
            && Directory.Exists(work)
        )
            Directory.Delete(work, recursive: true);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>What an earlier server left: interrupted transfers wait for their command for a while, all else goes.</summary>
    private static void Sweep(string temporaryPath, DateTimeOffset keepSince)
    {
        foreach (var leftover in Directory.EnumerateDirectories(temporaryPath))
        {
            // By the host's clock, as every file's time is; each slice that is done writes to a file here.
            if (
                TransferRecord.TryRead(leftover) is { Kind: not ImageTransferKind.Merge } record
                && (
                    record.Kind == ImageTransferKind.Replica
                    || Directory.EnumerateFiles(leftover).Max(File.GetLastWriteTimeUtc) >= keepSince.UtcDateTime
                )
            )
                continue;
            try
            {
                ForgetTransfer(leftover);
            }
            catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
            {
                // An export's folder lies where others rule; it is tried again at the next start.
            }
        }
    }

    internal sealed class RunningTransfer(string folder, IProgress<int>? progress, CancellationToken cancellation)
        : IDisposable
    {
        private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(
            cancellation
        );
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Folder => folder;

        /// <summary>What lies in the folder is this transfer's, to be kept or deleted with it; before that, it is an earlier one's.</summary>
        public bool IsBegun { get; set; }

        /// <summary>What it did is kept however it ends.</summary>
        public bool IsKept { get; set; }

        public bool IsDiscarded { get; private set; }

        public int Percent { get; private set; }

        public CancellationToken Cancellation => _ending.Token;

        /// <param name="share">How much is done, 0 to 1.</param>
        public void Report(double share)
        {
            Percent = Math.Max(Percent, (int)(100 * share));
            progress?.Report(Percent);
        }

        public async Task DiscardAsync()
        {
            IsDiscarded = true;
            try
            {
                await _ending.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It ended just now.
            }
            await _ended.Task;
        }

        public void End() => _ended.SetResult();

        public void Dispose() => _ending.Dispose();
    }
}
