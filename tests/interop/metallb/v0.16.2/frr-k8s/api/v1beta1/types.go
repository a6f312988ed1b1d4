// Package v1beta1 stands in for the API types of frr-k8s, so that MetalLB's
// speaker can be built where the module proxy has not the release that it
// pins. Only the backend "frr-k8s" uses them, and the tests run "native": none
// of these values is ever made.
package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/scheme"
)

var builder = (&scheme.Builder{
	GroupVersion: schema.GroupVersion{Group: "frrk8s.metallb.io", Version: "v1beta1"},
}).Register(&FRRConfiguration{}, &FRRConfigurationList{})

// AddToScheme makes the kinds known.
var AddToScheme = builder.AddToScheme

type DynamicASNMode string

type SecretReference struct {
	Name      string
	Namespace string
}

type AllowedOutPrefixes struct {
	Prefixes []string
}

type CommunityPrefixes struct {
	Community string
	Prefixes  []string
}

type LocalPrefPrefixes struct {
	LocalPref uint32
	Prefixes  []string
}

type AsPathPrependPrefixes struct {
	AsPathPrepend uint8
	Prefixes      []string
}

type Advertise struct {
	Allowed                   AllowedOutPrefixes
	PrefixesWithCommunity     []CommunityPrefixes
	PrefixesWithLocalPref     []LocalPrefPrefixes
	PrefixesWithAsPathPrepend []AsPathPrependPrefixes
}

type Neighbor struct {
	ASN                    uint32
	DynamicASN             DynamicASNMode
	Address                string
	Interface              string
	Port                   *uint16
	Password               string
	PasswordSecret         SecretReference
	HoldTime               *metav1.Duration
	KeepaliveTime          *metav1.Duration
	ConnectTime            *metav1.Duration
	EBGPMultiHop           bool
	BFDProfile             string
	EnableGracefulRestart  bool
	ToAdvertise            Advertise
	DisableMP              bool
	DualStackAddressFamily bool
}

type Router struct {
	ASN       uint32
	ID        string
	VRF       string
	Neighbors []Neighbor
	Prefixes  []string
}

type BFDProfile struct {
	Name             string
	ReceiveInterval  *uint32
	TransmitInterval *uint32
	DetectMultiplier *uint32
	EchoInterval     *uint32
	EchoMode         *bool
	PassiveMode      *bool
	MinimumTTL       *uint32
}

type BGPConfig struct {
	Routers     []Router
	BFDProfiles []BFDProfile
}

type FRRConfigurationSpec struct {
	BGP          BGPConfig
	NodeSelector metav1.LabelSelector
}

type FRRConfiguration struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec FRRConfigurationSpec
}

type FRRConfigurationList struct {
	metav1.TypeMeta
	metav1.ListMeta
	Items []FRRConfiguration
}

// DeepCopyInto must not be called; nor must the others.
func (*FRRConfigurationSpec) DeepCopyInto(*FRRConfigurationSpec) { refuse() }

// DeepCopy must not be called.
func (*FRRConfiguration) DeepCopy() *FRRConfiguration { return refuse() }

// DeepCopyObject must not be called.
func (*FRRConfiguration) DeepCopyObject() runtime.Object { return refuse() }

// DeepCopyObject must not be called.
func (*FRRConfigurationList) DeepCopyObject() runtime.Object { return refuse() }

func refuse() *FRRConfiguration {
	panic("The backend frr-k8s is not part of this program")
}
