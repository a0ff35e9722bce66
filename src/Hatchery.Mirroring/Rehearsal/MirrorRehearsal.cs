using System.Net.Sockets;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>
/// A write cache that is mirrored, moved and written to, at two servers that exist in one folder and on loopback alone. A server does it once when it
/// starts: code that runs for the first time has to be compiled first, which would be the time that the first machine to be moved waits.
/// </summary>
public static class MirrorRehearsal
{
    private const int BlockBytes = 4096;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <param name="folder">Made, and deleted with all that is in it.</param>
    /// <returns>False: it did not come to its end, which harms nothing.</returns>
    public static async Task<bool> RunAsync(string folder, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(s_limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            Delete(folder);
            Directory.CreateDirectory(folder);
            await RunAsync(folder, time, either);
            return true;
        }
        catch (Exception failed)
            when (failed is IOException or SocketException or UnauthorizedAccessException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            Delete(folder);
        }
    }

    private static async Task RunAsync(string folder, TimeProvider time, CancellationTokenSource limit)
    {
        var path = Path.Combine(folder, "image");
        await File.WriteAllBytesAsync(path, new byte[16 * BlockBytes], limit.Token);
        var layer = new LayerId(Guid.NewGuid());
        using var image = BaseImage.Open(path, layer).Value ?? throw new IOException(path);
        var directory = new RehearsalDirectory("second");
        await using var first = new RehearsalServer("first", folder, image, directory, time);
        await using var second = new RehearsalServer("second", folder, image, directory, time);
        (first.Other, second.Other) = (second, first);

        await using var before = first.Boot();
        await UseAsync(before, limit.Token);
        await before.Mirrored.WaitAsync(limit.Token);
        await UseAsync(before, limit.Token);
        await using var after = await second.TakeAsync(limit.Token);
        await UseAsync(after, limit.Token);
    }

    private static async Task UseAsync(RehearsalSession session, CancellationToken cancellation)
    {
        var block = new byte[BlockBytes];
        Require(await session.Cache.WriteAsync(BlockBytes, block, cancellation));
        Require(await session.Cache.FlushAsync(cancellation));
        Require(session.Cache.Read(BlockBytes, block));
    }

    private static void Require(DiskStatus status)
    {
        if (status != DiskStatus.Ok)
            throw new IOException($"the disk of a rehearsal says {status}");
    }

    private static void Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // The next start deletes it.
        }
    }
}
