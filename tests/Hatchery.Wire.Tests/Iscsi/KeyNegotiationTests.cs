using Hatchery.Testing;
using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class KeyNegotiationTests(ITestOutputHelper output)
{
    private static readonly TargetOffer s_offer = new()
    {
        MaxBurst = 65_536,
        FirstBurst = 32_768,
        MaxOutstandingR2t = 2,
        InitialR2t = false,
    };

    [Theory]
    [InlineData("HeaderDigest", "CRC32C,None", "CRC32C")]
    [InlineData("HeaderDigest", "None,CRC32C", "None")]
    [InlineData("DataDigest", "MD5", "Reject")]
    [InlineData("InitialR2T", "No", "No")]
    [InlineData("InitialR2T", "Yes", "Yes")]
    [InlineData("ImmediateData", "No", "No")]
    [InlineData("ImmediateData", "maybe", "Reject")]
    [InlineData("MaxBurstLength", "262144", "65536")]
    [InlineData("MaxBurstLength", "0x1000", "4096")]
    [InlineData("MaxBurstLength", "1", "Reject")]
    [InlineData("FirstBurstLength", "512", "512")]
    [InlineData("MaxOutstandingR2T", "8", "2")]
    [InlineData("MaxConnections", "4", "1")]
    [InlineData("DefaultTime2Wait", "2", "2")]
    [InlineData("DefaultTime2Wait", "0", "0")]
    [InlineData("DefaultTime2Retain", "20", "0")]
    [InlineData("ErrorRecoveryLevel", "2", "0")]
    [InlineData("DataPDUInOrder", "No", "Yes")]
    [InlineData("DataSequenceInOrder", "No", "Yes")]
    [InlineData("IFMarker", "Yes", "No")]
    [InlineData("TaskReporting", "FastAbort,RFC3720", "RFC3720")]
    [InlineData("X-com.example.key", "1", "NotUnderstood")]
    [InlineData("MaxRecvDataSegmentLength", "4096", null)]
    [InlineData("MaxRecvDataSegmentLength", "16777216", "Reject")]
    [InlineData("InitiatorAlias", "me", null)]
    public void A_key_is_answered_as_its_result_function_says(string key, string value, string? answer) =>
        Assert.Equal(answer, new KeyNegotiation(s_offer).Answer(key, value));

    [Fact]
    public void What_was_settled_stands_in_the_result()
    {
        var negotiation = new KeyNegotiation(s_offer);
        negotiation.Answer("DataDigest", "CRC32C");
        negotiation.Answer("MaxRecvDataSegmentLength", "4096");
        negotiation.Answer("FirstBurstLength", "1024");
        negotiation.Answer("InitialR2T", "No");
        Assert.Equal(
            new SessionParameters
            {
                DataDigest = true,
                InitiatorMaxDataSegment = 4096,
                FirstBurst = 1024,
                InitialR2t = false,
            },
            negotiation.Result
        );
    }

    [Fact]
    public void Keys_of_data_transfer_are_irrelevant_to_discovery()
    {
        var negotiation = new KeyNegotiation(s_offer) { IsDiscovery = true };
        Assert.Equal("Irrelevant", negotiation.Answer("MaxBurstLength", "512"));
        Assert.Equal("0", negotiation.Answer("ErrorRecoveryLevel", "0"));
    }

    [Fact]
    public void The_own_segment_length_is_declared_once()
    {
        var negotiation = new KeyNegotiation(s_offer);
        Assert.Equal("262144", negotiation.Declaration());
        Assert.Null(negotiation.Declaration());
    }

    [Fact]
    public void Any_value_gets_some_answer()
    {
        var random = Seed.New(output);
        string[] keys = ["HeaderDigest", "MaxBurstLength", "InitialR2T", "MaxOutstandingR2T", "?"];
        var negotiation = new KeyNegotiation(s_offer);
        for (var i = 0; i < 5_000; i++)
        {
            var value = string.Concat(
                Enumerable.Range(0, random.Next(12)).Select(_ => "0x9aY,-e\u0660"[random.Next(9)])
            );
            negotiation.Answer(keys[random.Next(keys.Length)], value);
        }
        Assert.InRange(negotiation.Result.MaxBurst, 512, 262_144);
    }
}
