using System.Net;
using System.Net.Sockets;
using System.Text;
using Hatchery.Wire;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;

namespace EndToEnd;

/// <summary>A disk by iSCSI, without digests.</summary>
internal sealed class IscsiCrowdDisk : ICrowdDisk
{
    private const int BlockBytes = 512;

    private readonly NetworkStream _stream;
    private readonly byte[] _header = new byte[PduHeader.SizeBytes];
    private uint _commandNumber = 1;
    private uint _expected;

    private IscsiCrowdDisk(NetworkStream stream, IPEndPoint portal) => (_stream, Portal) = (stream, portal);

    /// <summary>Where it logged in at last.</summary>
    public IPEndPoint Portal { get; }

    /// <param name="connect">To a portal, and once more to the one that the first sends the initiator to.</param>
    /// <exception cref="IOException">The server refuses.</exception>
    public static async Task<IscsiCrowdDisk> LogInAsync(
        Func<IPEndPoint, Task<NetworkStream>> connect,
        IPEndPoint portal,
        string target,
        string initiator,
        CancellationToken cancellation
    )
    {
        for (var redirected = false; ; redirected = true)
        {
            var disk = new IscsiCrowdDisk(await connect(portal), portal);
            try
            {
                var (status, text) = await disk.LoginAsync(target, initiator, cancellation);
                if (status == LoginStatus.Success)
                    return disk;
                if (status != LoginStatus.TargetMovedTemporarily || redirected)
                    throw new IOException($"login status {status:x4}");
                portal = IPEndPoint.Parse(text.Single(p => p.Key == "TargetAddress").Value.Split(',')[0]);
                await disk.DisposeAsync();
            }
            catch
            {
                await disk.DisposeAsync();
                throw;
            }
        }
    }

    public async Task ReadAsync(long offset, Memory<byte> into, CancellationToken cancellation)
    {
        await CommandAsync(ScsiOpcode.Read10, offset, into.Length, default, cancellation);
        while (true)
        {
            var dataBytes = await HeaderAsync(cancellation);
            if (DataIn.TryRead(_header, out var data))
            {
                _expected = data.HasStatus ? data.Sequence.StatSn + 1 : _expected;
                await _stream.ReadExactlyAsync(into.Slice((int)data.BufferOffset, dataBytes), cancellation);
                await SkipAsync(PduLayout.Padded(dataBytes) - dataBytes, cancellation);
                if (!data.HasStatus)
                    continue;
                if (data.Status != 0)
                    throw new RequestFailedException($"read: SCSI status {data.Status}");
                return;
            }
            if (await IsEndAsync(dataBytes, cancellation))
                return;
        }
    }

    public async Task WriteAsync(long offset, ReadOnlyMemory<byte> from, CancellationToken cancellation)
    {
        await CommandAsync(ScsiOpcode.Write10, offset, from.Length, from, cancellation);
        while (!await IsEndAsync(await HeaderAsync(cancellation), cancellation)) { }
    }

    public async Task FlushAsync(CancellationToken cancellation)
    {
        await CommandAsync(ScsiOpcode.SynchronizeCache10, 0, 0, default, cancellation);
        while (!await IsEndAsync(await HeaderAsync(cancellation), cancellation)) { }
    }

    public Task UntilHeardAsync(CancellationToken cancellation) =>
        _stream.ReadAsync(Memory<byte>.Empty, cancellation).AsTask();

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<(ushort Status, List<KeyValuePair<string, string>> Text)> LoginAsync(
        string target,
        string initiator,
        CancellationToken cancellation
    )
    {
        var text = Encoding.ASCII.GetBytes(
            $"InitiatorName={initiator}\0TargetName={target}\0SessionType=Normal\0InitialR2T=Yes\0ImmediateData=Yes\0"
        );
        var request = new LoginRequestPdu(
            true,
            true,
            false,
            LoginStage.Operational,
            LoginStage.FullFeature,
            text.Length,
            0,
            0,
            new(1),
            0,
            1,
            0,
            _commandNumber,
            0
        );
        await SendAsync(request, text, cancellation);
        var bytes = new byte[PduLayout.Padded(await HeaderAsync(cancellation))];
        await _stream.ReadExactlyAsync(bytes, cancellation);
        if (!LoginResponsePdu.TryRead(_header, out var response) || !IscsiText.TryRead(bytes, out var pairs))
            throw new IOException($"a login was answered by a {PduHeader.Opcode(_header)}");
        _expected = response.Sequence.StatSn + 1;
        return (response.Status, pairs);
    }

    private Task CommandAsync(
        ScsiOpcode opcode,
        long offset,
        int length,
        ReadOnlyMemory<byte> data,
        CancellationToken cancellation
    )
    {
        var (block, blocks) = ((ulong)(offset / BlockBytes), (ushort)(length / BlockBytes));
        var cdb = new CommandBlock(
            ((ulong)opcode << 56) | (block << 16) | (byte)(blocks >> 8),
            (ulong)(byte)blocks << 56
        );
        var writes = data.Length > 0;
        return SendAsync(
            new ScsiCommand(
                false,
                true,
                !writes,
                writes,
                1,
                data.Length,
                0,
                _commandNumber,
                (uint)length,
                _commandNumber++,
                _expected,
                cdb
            ),
            data,
            cancellation
        );
    }

    /// <summary>Whether this PDU is the response of the command; pings are passed over.</summary>
    private async Task<bool> IsEndAsync(int dataBytes, CancellationToken cancellation)
    {
        await SkipAsync(PduLayout.Padded(dataBytes), cancellation);
        if (ScsiResponse.TryRead(_header, out var response))
        {
            _expected = response.Sequence.StatSn + 1;
            return response.Status == 0 ? true : throw new RequestFailedException($"SCSI status {response.Status}");
        }
        return PduHeader.Opcode(_header) == IscsiOpcode.NopIn
            ? false
            : throw new IOException($"a {PduHeader.Opcode(_header)} came");
    }

    private async Task SendAsync<T>(T header, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        where T : struct, IFixedWire<T>
    {
        var bytes = new byte[PduHeader.SizeBytes + PduLayout.Padded(data.Length)];
        header.Write(bytes);
        data.CopyTo(bytes.AsMemory(PduHeader.SizeBytes));
        await _stream.WriteAsync(bytes, cancellation);
    }

    /// <summary>Reads the next PDU's header. Returns how many bytes of data follow it, without padding.</summary>
    private async Task<int> HeaderAsync(CancellationToken cancellation)
    {
        await _stream.ReadExactlyAsync(_header, cancellation);
        return PduHeader.DataLength(_header);
    }

    private async Task SkipAsync(int bytes, CancellationToken cancellation)
    {
        if (bytes > 0)
            await _stream.ReadExactlyAsync(new byte[bytes], cancellation);
    }
}
