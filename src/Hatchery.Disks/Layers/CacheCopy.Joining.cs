using System.Security.Cryptography;

namespace Hatchery.Disks;

/// <summary>How a copy comes by segments that were closed before: it has them already, or gets them into a file beside, which takes their place when it is whole.</summary>
public sealed partial class CacheCopy
{
    private const int PieceBytes = 1 << 20;
    private const string CopySuffix = ".copy";

    private ISegmentFile? _copy;
    private IncrementalHash? _copyHash;
    private (int Segment, long Offset) _copyAt;

    /// <summary>Prepares for a copy, of which something may be here. A lost one is deleted: what reads back of it need not be on the disk.</summary>
    public DiskOutcome Prepare()
    {
        try
        {
            EndCopy();
            _file?.Dispose();
            _file = null;
            CreateFolder();
            if (IsLost || LostMark.Read(_files, _folder) is not null)
            {
                DeleteFrom(1);
                _files.SyncFolder(_folder);
                LostMark.Remove(_files, _folder);
            }
            HostRunMark.Write(_files, _folder);
            (IsLost, _isBroken, _end) = (false, false, default);
            _place.Lost(null);
            return DiskOutcome.Done;
        }
        catch (IOException)
        {
            return DiskOutcome.NotWritten;
        }
    }

    /// <summary>Is that segment here, up to that length and with that hash? Then what is beyond is cut off, and it is synced.</summary>
    public bool Matches(int segment, long lengthBytes, ReadOnlySpan<byte> sha256)
    {
        try
        {
            var path = PathOf(segment);
            if (IsLost || segment == _end.Segment || !_files.Exists(path))
                return false;
            using (var file = _files.OpenRead(path))
                if (Hash(file, lengthBytes) is not { } hash || !hash.AsSpan().SequenceEqual(sha256))
                    return false;
            return Cut(segment, lengthBytes) == DiskOutcome.Done;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Takes bytes of a closed segment, from the front to the back; with the last it takes the place of what lay there.</summary>
    /// <param name="sha256">Of all its bytes.</param>
    /// <returns>How much of it is there; 0 when its hash is another one.</returns>
    public (long NextOffset, DiskOutcome Outcome) CopySegment(
        int segment,
        long offset,
        ReadOnlyMemory<byte> bytes,
        long lengthBytes,
        ReadOnlySpan<byte> sha256
    ) =>
        _file is not null && segment >= _end.Segment
            ? (0, DiskOutcome.NotWritten)
            : Take(segment, offset, bytes, lengthBytes, sha256);

    /// <summary>Takes bytes of a segment of a longer copy, as <see cref="CopySegment"/> does; segments behind it are deleted with the last.</summary>
    public (long NextOffset, DiskOutcome Outcome) ReplaceSegment(
        int segment,
        long offset,
        ReadOnlyMemory<byte> bytes,
        long lengthBytes
    )
    {
        if (EndFile() is var ended and not DiskOutcome.Done)
            return (0, ended);
        var taken = Take(segment, offset, bytes, lengthBytes, sha256: []);
        return taken != (lengthBytes, DiskOutcome.Done) ? taken
            : DeleteAbove(segment) ? taken
            : (0, DiskOutcome.NotWritten);
    }

    /// <param name="sha256">Empty: it is not compared.</param>
    private (long NextOffset, DiskOutcome Outcome) Take(
        int segment,
        long offset,
        ReadOnlyMemory<byte> bytes,
        long lengthBytes,
        ReadOnlySpan<byte> sha256
    )
    {
        if (IsLost)
            return (0, DiskOutcome.Lost);
        if (
            segment < 1
            || offset + bytes.Length > lengthBytes
            || (offset > 0 && (_copy is null || _copyAt != (segment, offset)))
            || !HasRoom(bytes.Length)
        )
            return (0, DiskOutcome.NotWritten);
        try
        {
            if (offset == 0)
                BeginCopy(segment);
            _copy!.Write([bytes], offset);
            _copyHash!.AppendData(bytes.Span);
            _copyAt = (segment, offset + bytes.Length);
            return _copyAt.Offset < lengthBytes
                ? (_copyAt.Offset, DiskOutcome.Done)
                : (TakeCopy(segment, sha256) ? lengthBytes : 0, DiskOutcome.Done);
        }
        catch (IOException)
        {
            EndCopy();
            return (0, DiskOutcome.NotWritten);
        }
    }

    private bool DeleteAbove(int segment)
    {
        try
        {
            DeleteFrom(segment + 1);
            _files.SyncFolder(_folder);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void BeginCopy(int segment)
    {
        EndCopy();
        _copy = _files.Create(PathOf(segment) + CopySuffix);
        _copyHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    private bool TakeCopy(int segment, ReadOnlySpan<byte> sha256)
    {
        var path = PathOf(segment);
        var isSame = sha256.IsEmpty || _copyHash!.GetHashAndReset().AsSpan().SequenceEqual(sha256);
        if (isSame)
        {
            // A sync that fails here loses nothing: it is not the copy's yet.
            _copy!.Sync();
            var grown = _copyAt.Offset;
            if (_files.Exists(path))
                using (var old = _files.OpenRead(path))
                    grown -= old.Length;
            _files.Rename(path + CopySuffix, path);
            _files.SyncFolder(_folder);
            _place.Grew(grown);
        }
        EndCopy();
        return isSame;
    }

    private void EndCopy()
    {
        if (_copy is null)
            return;
        _copy.Dispose();
        _copyHash!.Dispose();
        (_copy, _copyHash) = (null, null);
        var left = PathOf(_copyAt.Segment) + CopySuffix;
        try
        {
            if (_files.Exists(left))
                _files.Delete(left);
        }
        catch (IOException)
        {
            // It is none of the layer's, and overwritten by the next.
        }
    }

    /// <summary>Null when the file is shorter.</summary>
    internal static byte[]? Hash(ISegmentFile file, long lengthBytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[(int)Math.Min(PieceBytes, Math.Max(lengthBytes, 1))];
        for (long at = 0; at < lengthBytes; )
        {
            var count = file.Read(piece.AsSpan(0, (int)Math.Min(piece.Length, lengthBytes - at)), at);
            if (count == 0)
                return null;
            hash.AppendData(piece.AsSpan(0, count));
            at += count;
        }
        return hash.GetHashAndReset();
    }
}
