using System.Net;
using System.Net.Sockets;
using Hatchery.Wire;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Tests.Iscsi;

internal sealed record Pdu(byte[] Header, byte[] Data)
{
    public IscsiOpcode Opcode => PduHeader.Opcode(Header);

    public T As<T>()
        where T : struct, IFixedWire<T>
    {
        Assert.True(T.TryRead(Header, out var pdu), $"a {Opcode} came");
        return pdu;
    }
}

/// <summary>An initiator that sends what a test tells it, one PDU at a time, without digests.</summary>
internal sealed class IscsiTestClient : IDisposable
{
    public const string Target = "iqn.2026-01.farm.hatchery:root";

    private readonly TcpClient _tcp = new();

    public uint CmdSn { get; set; } = 1;

    public NetworkStream Stream => _tcp.GetStream();

    public static async Task<IscsiTestClient> ConnectAsync(Rig rig)
    {
        var client = new IscsiTestClient();
        await client._tcp.ConnectAsync(IPAddress.Loopback, rig.Iscsi.BoundEndPoint!.Port);
        return client;
    }

    public static async Task<IscsiTestClient> LogInAsync(Rig rig, ulong isid = 1, string keys = "")
    {
        var client = await ConnectAsync(rig);
        var response = await client.LoginAsync(isid, keys);
        Assert.Equal(LoginStatus.Success, response.As<LoginResponsePdu>().Status);
        return client;
    }

    public async Task<Pdu> LoginAsync(ulong isid = 1, string keys = "", string target = Target)
    {
        var text = Text($"InitiatorName=iqn.test:me\nTargetName={target}\n{keys}");
        await SendAsync(
            new LoginRequestPdu(
                true,
                true,
                false,
                LoginStage.Operational,
                LoginStage.FullFeature,
                text.Length,
                0,
                0,
                new(isid),
                0,
                7,
                0,
                CmdSn,
                0
            ),
            text
        );
        return await ReceiveAsync();
    }

    public static byte[] Text(string lines) =>
        System.Text.Encoding.ASCII.GetBytes(
            string.Concat(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l + '\0'))
        );

    public Task WriteAsync(uint tag, uint lba, ushort blocks, byte[] immediate, bool final = true) =>
        SendAsync(Write(tag, lba, blocks, immediate, final), immediate);

    /// <summary>Writes of a block each, to as many blocks, sent at once.</summary>
    public async Task WriteTogetherAsync(uint count, byte[] block)
    {
        var bytes = new List<byte>();
        for (var n = 0u; n < count; n++)
            bytes.AddRange(Bytes(Write(n, lba: n, blocks: 1, block, final: true), block));
        await Stream.WriteAsync(bytes.ToArray());
    }

    private ScsiCommand Write(uint tag, uint lba, ushort blocks, byte[] immediate, bool final) =>
        new(
            false,
            final,
            false,
            true,
            1,
            immediate.Length,
            0,
            tag,
            blocks * 512u,
            CmdSn++,
            0,
            Cdb10(ScsiOpcode.Write10, lba, blocks)
        );

    public Task ReadAsync(uint tag, uint lba, ushort blocks) =>
        SendAsync(
            new ScsiCommand(
                false,
                true,
                true,
                false,
                1,
                0,
                0,
                tag,
                blocks * 512u,
                CmdSn++,
                0,
                Cdb10(ScsiOpcode.Read10, lba, blocks)
            ),
            []
        );

    public static CommandBlock Cdb10(ScsiOpcode opcode, uint lba, ushort blocks) =>
        new(((ulong)opcode << 56) | ((ulong)lba << 16) | (byte)(blocks >> 8), (ulong)(byte)blocks << 56);

    public async Task SendAsync<T>(T header, byte[] data)
        where T : struct, IFixedWire<T> => await Stream.WriteAsync(Bytes(header, data));

    private static byte[] Bytes<T>(T header, byte[] data)
        where T : struct, IFixedWire<T>
    {
        var bytes = new byte[48 + PduLayout.Padded(data.Length)];
        header.Write(bytes);
        data.CopyTo(bytes, 48);
        return bytes;
    }

    public async Task<Pdu> ReceiveAsync()
    {
        var header = new byte[48];
        await Stream.ReadExactlyAsync(header).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        var data = new byte[PduLayout.Padded(PduHeader.DataLength(header))];
        await Stream.ReadExactlyAsync(data).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        return new(header, data[..PduHeader.DataLength(header)]);
    }

    public async Task<bool> IsClosedAsync()
    {
        var rest = new byte[4096];
        try
        {
            while (await Stream.ReadAsync(rest).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) > 0) { }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
        return true;
    }

    public void Dispose() => _tcp.Dispose();
}
