using System.Net;
using Hatchery.Testing;
using Hatchery.Wire.Dhcp;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Dhcp;

public sealed class DhcpFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Hostile_bytes_never_throw_and_what_is_read_can_be_written()
    {
        var random = Seed.New(output, 1);
        var good = DhcpMessageTests.Bytes(
            new DhcpMessage
            {
                Operation = DhcpOperation.Request,
                TransactionId = 1,
                ClientMac = new MacAddress(0x525400123456),
                Options = DhcpOptions
                    .None.With(DhcpMessageType.Discover)
                    .With(DhcpOptionCode.Overload, [3])
                    .With(DhcpOptionCode.UserClass, "iPXE")
                    .With(DhcpOptionCode.ClientMachineIdentifier, new byte[17])
                    .With(DhcpOptionCode.RelayAgentInformation, DhcpOptions.None.With(5, [10, 0, 0, 1])),
            }
        );
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = good.AsSpan(0, random.Next(100) == 0 ? random.Next(good.Length) : good.Length).ToArray();
            for (var i = random.Next(8); i > 0 && bytes.Length > 0; i--)
                bytes[
                    random.Next(2) == 0 ? random.Next(bytes.Length) : Math.Min(bytes.Length - 1, random.Next(240, 300))
                ] = (byte)random.Next(256);
            if (!DhcpMessage.TryRead(bytes, out var message))
                continue;
            _ = PxeClient.IsIpxe(message.Options) || PxeClient.IsNetworkBoot(message.Options);
            _ = (PxeClient.Architecture(message.Options), PxeClient.Uuid(message.Options));
            _ = RelayAgentInformation.Link(message.Options);
            _ = message.Options.Text(DhcpOptionCode.HostName);
            Assert.True(DhcpMessage.TryRead(DhcpMessageTests.Bytes(message), out var again));
            Assert.Equal(message, again);
        }
    }

    [Fact]
    public void A_datagram_full_of_empty_options_costs_no_more_than_its_size()
    {
        var bytes = new byte[65_000];
        DhcpMessageTests
            .Bytes(
                new DhcpMessage
                {
                    Operation = DhcpOperation.Request,
                    TransactionId = 1,
                    ClientMac = new(1),
                }
            )
            .AsSpan(0, 240)
            .CopyTo(bytes);
        for (var i = 240; i < bytes.Length; i += 2)
            bytes[i] = (byte)(1 + (i / 2 % 250));
        Assert.True(DhcpMessage.TryRead(bytes, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(DhcpMessage.TryRead(bytes, out var message));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.Equal(IPAddress.Any, message.ClientAddress);
    }
}
