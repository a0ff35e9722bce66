namespace Hatchery.Boot.Tftp;

/// <summary>Which blocks are to be sent (RFC 1350, RFC 7440): pure, counts blocks from 1 in 64 bits, and knows that their
/// numbers on the wire start again from 0 after 65535.</summary>
internal sealed class TftpWindow(long fileBytes, int blockBytes, int windowBlocks)
{
    private bool _hasRepeated;

    /// <summary>The last one is short, and empty where the file is a multiple of the block.</summary>
    public long LastBlock { get; } = (fileBytes / blockBytes) + 1;

    /// <summary>The last block that the client has.</summary>
    public long Acknowledged { get; private set; }

    public long First => Acknowledged + 1;

    /// <summary>End of the window, inclusive.</summary>
    public long Last => Math.Min(Acknowledged + windowBlocks, LastBlock);

    public bool IsComplete => Acknowledged == LastBlock;

    public int BytesOf(long block) => (int)Math.Min(blockBytes, fileBytes - OffsetOf(block));

    public long OffsetOf(long block) => (block - 1) * blockBytes;

    /// <summary>Takes an acknowledgement in; true where the window is to be sent now.</summary>
    public bool Acknowledge(ushort number)
    {
        var ahead = (ushort)(number - (ushort)Acknowledged);
        if (ahead >= 1 && ahead <= Last - Acknowledged)
        {
            Acknowledged += ahead;
            _hasRepeated = false;
            return !IsComplete;
        }

        // The same number again: with windows the first block was lost, and the window is repeated once. Without windows
        // it is a duplicate, and to answer those doubles every packet for ever (RFC 1123 section 4.2.3.1).
        if (ahead != 0 || windowBlocks == 1 || _hasRepeated)
            return false;
        _hasRepeated = true;
        return true;
    }
}
