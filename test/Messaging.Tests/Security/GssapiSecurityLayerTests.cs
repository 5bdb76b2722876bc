using Messaging.Security.Gssapi;

namespace Messaging.Tests.Security;

/// <summary>The bytes in the last two messages of GSSAPI (RFC 4752, 3.1 to 3.3).</summary>
public sealed class GssapiSecurityLayerTests
{
    [Theory]
    [InlineData("01000000", true)]
    [InlineData("07008000", true)] // Cyrus: none, integrity, confidentiality
    [InlineData("06008000", false)]
    [InlineData("04ffffff", false)]
    [InlineData("00000000", false)]
    public void AllowsNone_WellFormedOffer_IsTheLowestBit(string offer, bool expected) =>
        Assert.Equal(expected, SecurityLayer.AllowsNone(Convert.FromHexString(offer)));

    [Theory]
    [InlineData("")]
    [InlineData("010000")]
    [InlineData("0100000000")]
    [InlineData("01008000")] // a size for a layer that is not offered
    public void AllowsNone_MalformedOffer_IsNull(string offer) =>
        Assert.Null(SecurityLayer.AllowsNone(Convert.FromHexString(offer)));

    [Theory]
    [InlineData("", "01000000")]
    [InlineData("alice", "01000000616c696365")]
    [InlineData("ä@R", "01000000c3a44052")]
    public void Choose_AnyName_IsNoLayerSizeZeroAndTheName(string authorization, string expected)
    {
        byte[] choice = SecurityLayer.Choose(authorization);

        Assert.Equal(expected, Convert.ToHexStringLower(choice));
        Assert.True(SecurityLayer.TryReadChoice(choice, out string read));
        Assert.Equal(authorization, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("010000")]
    [InlineData("00000000")] // nothing chosen
    [InlineData("02000000")] // integrity, not offered
    [InlineData("04001000")]
    [InlineData("03000000")] // two at once
    [InlineData("01000001")] // a size without a layer
    [InlineData("01000000ff")] // not UTF-8
    [InlineData("0100000061006c")] // a NUL
    public void TryReadChoice_WhatWasNotOffered_IsRefused(string choice) =>
        Assert.False(SecurityLayer.TryReadChoice(Convert.FromHexString(choice), out _));

    [Fact]
    public void Offer_IsNoLayerAndSizeZero() => Assert.Equal("01000000", Convert.ToHexString(SecurityLayer.Offer));
}
